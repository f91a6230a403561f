package embedded

import (
	"fmt"
	"os"
	"path/filepath"
)

// writeFile replaces the file at path (0600) so that a reader, or a start after
// a power cut, sees either the old content or the new one whole.
func writeFile(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("engine: write %s: %w", path, err)
	}
	_, err = file.Write(content)
	if err := commitFile(file, path, err); err != nil {
		return fmt.Errorf("engine: write %s: %w", path, err)
	}
	return nil
}

// commitFile makes a temporary file the file at path: sync, close, rename, and
// sync of the folder. If written is an error, or a step fails, the temporary
// file is removed and the error returned.
func commitFile(file *os.File, path string, written error) error {
	if written == nil {
		written = file.Sync()
	}
	if err := file.Close(); written == nil {
		written = err
	}
	if written == nil {
		written = os.Rename(file.Name(), path)
	}
	if written != nil {
		_ = os.Remove(file.Name())
		return written
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	handle, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = handle.Sync()
	if closeErr := handle.Close(); err == nil {
		err = closeErr
	}
	return err
}
