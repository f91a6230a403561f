package importer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// ErrBusy means that another process imports the same file into the same
// server.
var ErrBusy = errors.New("another process is importing this file to the same place")

// state is what an unfinished import leaves behind.
type state struct {
	File         string `json:"file"` // for people who look into the folder
	Lines        int    `json:"lines"`
	Accepted     int    `json:"accepted"`
	Duplicates   int    `json:"duplicates"`
	Rejected     int    `json:"rejected"`
	RejectsPath  string `json:"rejects_path"`
	RejectsBytes int64  `json:"rejects_bytes"`
	// Salt of the visitors' ids. It is secret, and gone with the state.
	Salt []byte `json:"salt"`
}

func newState(file string) state { return state{File: file, Salt: newSalt()} }

// DefaultStateDir is the folder for unfinished imports by the XDG rules:
// ibarura/import in $XDG_STATE_HOME, else in ~/.local/state.
func DefaultStateDir() (string, error) {
	base := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(base) { // the rules say that a relative one is to be ignored
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find a folder for unfinished imports: %w; name one with --state-dir", err)
		}
		base = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(base, "ibarura", "import"), nil
}

// stateStore keeps one import's state, locked while it runs.
type stateStore struct {
	path string
	lock *flock.Flock
}

// openState returns what an earlier run left, or a new state.
func openState(src *source, o *Options) (*stateStore, state, error) {
	name, err := importName(src, o)
	if err != nil {
		return nil, state{}, fmt.Errorf("%s: %w", src.name, err)
	}
	if err := os.MkdirAll(o.StateDir, 0o700); err != nil {
		return nil, state{}, fmt.Errorf("folder of unfinished imports: %w; name another with --state-dir", err)
	}
	s := &stateStore{path: filepath.Join(o.StateDir, name+".json")}
	s.lock = flock.New(s.path + ".lock")
	locked, err := s.lock.TryLock()
	if err != nil {
		return nil, state{}, fmt.Errorf("lock unfinished import: %w", err)
	}
	if !locked {
		return nil, state{}, fmt.Errorf("%s: %w", src.name, ErrBusy)
	}
	kept, err := s.load(src.name, o.Restart)
	if err != nil {
		return nil, state{}, errors.Join(err, s.close(false))
	}
	return s, kept, nil
}

func (s *stateStore) load(file string, restart bool) (state, error) {
	text, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && restart) {
		return newState(file), nil
	}
	if err != nil {
		return state{}, fmt.Errorf("read unfinished import: %w", err)
	}
	var kept state
	if err := json.Unmarshal(text, &kept); err != nil || len(kept.Salt) != saltSize || kept.Lines < 0 {
		return state{}, fmt.Errorf("unfinished import %s is damaged: begin anew with --restart", s.path)
	}
	return kept, nil
}

// importName names the import of this file, as it is now, to this place.
func importName(src *source, o *Options) (string, error) {
	info, err := src.file.Stat()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%d\n%d\n%s\n%s\n%q\n", info.Size(), info.ModTime().UnixNano(), o.Format, o.Kind, o.Target)
	const part = 64 << 10
	for _, offset := range []int64{0, max(0, info.Size()-part)} {
		if _, err := io.Copy(h, io.NewSectionReader(src.file, offset, part)); err != nil {
			return "", fmt.Errorf("read: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// save replaces the file in one step, so that after a crash it is the old or
// the new one.
func (s *stateStore) save(st *state) error {
	if s == nil {
		return nil
	}
	text, err := json.Marshal(st)
	if err == nil {
		err = replaceFile(s.path, text)
	}
	if err != nil {
		return fmt.Errorf("write down unfinished import: %w", err)
	}
	return nil
}

func replaceFile(path string, text []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".import-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // gone already if all went well
	_, err = temp.Write(text)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// close unlocks the import and, if it is complete, forgets it.
func (s *stateStore) close(complete bool) error {
	if s == nil {
		return nil
	}
	var err error
	if complete {
		if err = os.Remove(s.path); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		err = errors.Join(err, os.Remove(s.lock.Path()))
	}
	if err = errors.Join(err, s.lock.Close()); err != nil {
		return fmt.Errorf("close unfinished import: %w", err)
	}
	return nil
}
