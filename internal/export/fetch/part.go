package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/gofrs/flock"
	"github.com/klauspost/compress/gzip"

	"ibarura/internal/export"
)

// Ends of the names beside the file's own.
const (
	partEnd     = ".part"
	stateEnd    = ".part.json"
	manifestEnd = ".manifest.json"
)

// state is how far a file has come. It is written whenever a part is whole.
type state struct {
	Of string `json:"of"` // what is exported, and from where on
	export.Manifest
}

// part is a file that is not complete. It has personal data, and nobody else
// may read it.
type part struct {
	out   string
	file  *os.File
	lock  *flock.Flock
	state state
	sum   hash.Hash // of the bytes of the state
	added hash.Hash // and of those that are being added
}

// openPart begins a file, or goes on with one that was interrupted.
func openPart(o Options) (*part, error) {
	p := &part{out: o.Out, lock: flock.New(o.Out + partEnd), sum: sha256.New()}
	locked, err := p.lock.TryLock()
	if err == nil && !locked {
		err = fmt.Errorf("%s is being written by another process", o.Out+partEnd)
	}
	if err != nil {
		return nil, err
	}
	if p.file, err = os.OpenFile(o.Out+partEnd, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, errors.Join(err, p.lock.Close())
	}
	if err = p.resume(o); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// resume reads the state, if it is of the same export, and goes to its end.
func (p *part) resume(o Options) error {
	fresh := state{Of: o.identity(), Manifest: export.Manifest{Cursor: o.Cursor}}
	text, err := os.ReadFile(p.out + stateEnd)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err == nil && (json.Unmarshal(text, &p.state) != nil || p.state.Of != fresh.Of) {
		return fmt.Errorf("%s is of another export: remove it and %s to begin anew", p.out+stateEnd, p.out+partEnd)
	}
	if err != nil {
		p.state = fresh
	}
	_, err = io.CopyN(p.sum, p.file, int64(p.state.Bytes))
	if err == nil && p.state.Bytes > 0 && hex.EncodeToString(p.sum.Sum(nil)) != p.state.SHA256 {
		err = errChanged
	}
	if err != nil {
		return fmt.Errorf("%s is not what %s says (%w): remove both to begin anew", p.out+partEnd, p.out+stateEnd, err)
	}
	return p.rewind()
}

var errChanged = errors.New("its checksum is another")

// identity tells exports apart.
func (o Options) identity() string {
	return fmt.Sprintf("%s %s %s?%s behind %q", o.URL, o.Format, o.Kind, o.Query.Encode(), o.Cursor)
}

// rewind forgets what is behind the state.
func (p *part) rewind() error {
	if err := p.file.Truncate(int64(p.state.Bytes)); err != nil {
		return backoff.Permanent(err)
	}
	_, err := p.file.Seek(0, io.SeekEnd)
	return err
}

// take adds what an answer brings, and holds it against its manifest.
func (p *part) take(answer *http.Response) error {
	body := io.Reader(answer.Body)
	if answer.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			return err
		}
		body = unzipped
	}
	p.added = sha256.New()
	n, err := io.Copy(io.MultiWriter(&writing{p.file}, p.added), body)
	if err == nil {
		_, err = io.Copy(io.Discard, answer.Body) // up to the trailers
	}
	if err != nil {
		return err
	}
	m, err := manifestOf(answer.Trailer)
	if err != nil {
		return err
	}
	if sum := hex.EncodeToString(p.added.Sum(nil)); m.SHA256 != sum || m.Bytes != uint64(n) {
		return fmt.Errorf("%d bytes came with the checksum %s, the server sent %d with %s", n, sum, m.Bytes, m.SHA256)
	}
	return p.add(m, n)
}

// writing marks the errors of the disk, which asking again does not mend.
type writing struct{ io.Writer }

func (w *writing) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	if err != nil {
		err = backoff.Permanent(err)
	}
	return n, err
}

// add makes the manifest of a part one with that of the file so far.
func (p *part) add(m export.Manifest, n int64) error {
	if _, err := p.file.Seek(int64(p.state.Bytes), io.SeekStart); err != nil {
		return backoff.Permanent(err)
	}
	if _, err := io.CopyN(p.sum, p.file, n); err != nil { // as the disk has it
		return backoff.Permanent(err)
	}
	s := &p.state
	s.Rows += m.Rows
	s.Bytes += m.Bytes
	s.SHA256 = hex.EncodeToString(p.sum.Sum(nil))
	s.Cursor, s.Complete, s.From, s.To = m.Cursor, m.Complete, m.From, m.To
	if m.Rows > 0 {
		if s.First == "" || earlier(m.First, s.First) {
			s.First = m.First
		}
		if s.Last == "" || earlier(s.Last, m.Last) {
			s.Last = m.Last
		}
	}
	return nil
}

// earlier compares moments of manifests.
func earlier(a, b string) bool {
	at, errA := time.Parse(time.RFC3339, a)
	bt, errB := time.Parse(time.RFC3339, b)
	return errA == nil && errB == nil && at.Before(bt)
}

// manifestOf reads the trailers.
func manifestOf(trailer http.Header) (export.Manifest, error) {
	m := export.Manifest{
		SHA256: trailer.Get("Export-Sha256"), First: trailer.Get("Export-First"), Last: trailer.Get("Export-Last"), Cursor: trailer.Get("Export-Cursor"),
		From: trailer.Get("Export-From"), To: trailer.Get("Export-To"), Complete: trailer.Get("Export-Complete") == "true",
	}
	var err error
	if m.Rows, err = strconv.ParseUint(trailer.Get("Export-Rows"), 10, 64); err == nil {
		m.Bytes, err = strconv.ParseUint(trailer.Get("Export-Bytes"), 10, 64)
	}
	if err != nil {
		return m, backoff.Permanent(errors.New("the trailers with the manifest did not arrive: a proxy on the way leaves them out"))
	}
	return m, nil
}

// keep makes a part lasting: first the rows, then how far they go.
func (p *part) keep() error {
	err := p.file.Sync()
	if err == nil {
		err = writeWhole(p.out+stateEnd, p.state)
	}
	if err != nil {
		return backoff.Permanent(err)
	}
	return nil
}

// finish gives the file its name, and its manifest.
func (p *part) finish() error {
	if err := p.file.Sync(); err != nil {
		return errors.Join(err, p.close())
	}
	err := writeWhole(p.out+manifestEnd, p.state.Manifest)
	if err == nil {
		err = os.Rename(p.out+partEnd, p.out)
	}
	if err == nil {
		err = os.Remove(p.out + stateEnd)
	}
	return errors.Join(err, p.close())
}

func (p *part) close() error { return errors.Join(p.file.Close(), p.lock.Close()) }

// writeWhole writes a file as JSON so that it is there as a whole or not at all.
func writeWhole(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(append(text, '\n'))
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
