package importer

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Reject is a line that was not taken in. Its JSON is a line of the list of
// rejects.
type Reject struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // from 1, as editors count
	Code    string `json:"code"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// rejectFile is the list of rejects. It is made at once, so that an import does
// not fail over it half way, and removed if it stays empty.
type rejectFile struct {
	path string
	file *os.File
	out  *bufio.Writer
	size int64
}

// keepAll keeps all of a list that is there.
const keepAll = -1

// openRejects opens the list for appending after its first keep bytes.
func openRejects(path string, keep int64, src *source) (*rejectFile, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("list of rejects: %w; name another place with --rejects", err)
	}
	r := &rejectFile{path: path, file: file, out: bufio.NewWriter(file)}
	if err := r.position(keep, src); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("list of rejects: %w", err)
	}
	return r, nil
}

func (r *rejectFile) position(keep int64, src *source) error {
	info, err := r.file.Stat()
	if err != nil {
		return err
	}
	if src.file != nil {
		if in, err := src.file.Stat(); err == nil && os.SameFile(in, info) {
			return fmt.Errorf("%s is the file to import", r.path)
		}
	}
	if !info.Mode().IsRegular() { // a pipe or /dev/stderr: there is nothing to cut
		return nil
	}
	r.size = info.Size()
	if keep != keepAll {
		r.size = min(r.size, keep)
	}
	if err := r.file.Truncate(r.size); err != nil {
		return err
	}
	_, err = r.file.Seek(r.size, io.SeekStart)
	return err
}

func (r *rejectFile) write(reject Reject) error {
	line, err := json.Marshal(reject)
	if err != nil {
		return fmt.Errorf("list of rejects: %w", err)
	}
	n, err := r.out.Write(append(line, '\n'))
	r.size += int64(n)
	if err != nil {
		return fmt.Errorf("list of rejects: %w", err)
	}
	return nil
}

// flush returns how long the list now is, in bytes.
func (r *rejectFile) flush() (size int64, err error) {
	if err := r.out.Flush(); err != nil {
		return 0, fmt.Errorf("list of rejects: %w", err)
	}
	return r.size, nil
}

func (r *rejectFile) close() error {
	err := errors.Join(r.out.Flush(), r.file.Close())
	if err == nil && r.size == 0 {
		if info, statErr := os.Stat(r.path); statErr == nil && info.Mode().IsRegular() {
			err = os.Remove(r.path)
		}
	}
	if err != nil {
		return fmt.Errorf("list of rejects: %w", err)
	}
	return nil
}
