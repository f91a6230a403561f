package access

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// keyFile is the content of the file that keeps generated keys: the secrets by
// project and scope, such as {"default":{"write":"ibw_…"}}.
type keyFile map[string]map[Scope]string

// keepKeys returns a key for each scope of the project: the one in the file, or
// a new one that is in the file once keepKeys has returned.
func keepKeys(path, project string, scopes []Scope) (map[Scope]string, error) {
	if len(scopes) == 0 {
		return nil, nil
	}
	if path == "" {
		return nil, invalid("keys cannot be generated without a file to keep them in")
	}
	kept, err := readKeyFile(path)
	if err != nil {
		return nil, err
	}
	if kept[project] == nil {
		kept[project] = map[Scope]string{}
	}
	changed := false
	for _, scope := range scopes {
		if kept[project][scope] == "" {
			kept[project][scope] = newKey(scope)
			changed = true
		}
	}
	if !changed {
		return kept[project], nil
	}
	return kept[project], writeKeyFile(path, kept)
}

// KeptKey returns the key of that scope which a first run generated and put in
// the file. ErrNoKey if the file keeps none: it was given, not generated, or
// made later by CreateKey. Whether it has been revoked since is not known here.
func KeptKey(path, project string, scope Scope) (string, error) {
	kept, err := readKeyFile(path)
	if err != nil {
		return "", err
	}
	key := kept[project][scope]
	if key == "" {
		return "", fmt.Errorf("%w: %s keeps no %s key of project %q", ErrNoKey, path, scope, project)
	}
	return key, nil
}

// readKeyFile returns what the file keeps; nothing if there is none. Its errors
// name the file and quote nothing of it.
func readKeyFile(path string) (keyFile, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return keyFile{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	kept := keyFile{}
	if err := json.Unmarshal(text, &kept); err != nil || kept == nil {
		return nil, fmt.Errorf("read key file: %s is damaged: repair it, or move it away to have new keys made", path)
	}
	return kept, nil
}

// writeKeyFile replaces the file at once and durably: after a crash it is
// either the old or the new one.
func writeKeyFile(path string, keys keyFile) error {
	if err := replaceFile(path, keys); err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	return nil
}

func replaceFile(path string, content any) error {
	text, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, ".keys-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // gone already if all went well
	_, err = temp.Write(append(text, '\n'))
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
