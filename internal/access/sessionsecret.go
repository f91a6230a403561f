package access

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// minSessionSecret is the least number of bytes of a secret: as many as its
// signatures have.
const minSessionSecret = 32

// sessionFile is the content of the file that keeps a generated secret.
type sessionFile struct {
	Secret []byte `json:"secret"` // base64
}

// SessionSecret returns the secret that signs sessions: the one given, which
// has to have at least 32 bytes, or, if none is, the one that the file keeps. A
// first call makes that, for its owner alone. Whoever has it can sign in as any
// key whose id is known.
func SessionSecret(path, given string) ([]byte, error) {
	switch {
	case given == "":
		return keptSecret(path)
	case len(given) < minSessionSecret:
		return nil, invalid("a secret for sessions has to have at least %d bytes", minSessionSecret)
	}
	return []byte(given), nil
}

func keptSecret(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeSecret(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the secret of sessions: %w", err)
	}
	var kept sessionFile
	if err := json.Unmarshal(text, &kept); err != nil || len(kept.Secret) < minSessionSecret {
		return nil, fmt.Errorf("read the secret of sessions: %s is damaged: remove it, and everybody has to sign in again and links to views have to be handed out again", path)
	}
	return kept.Secret, nil
}

func makeSecret(path string) ([]byte, error) {
	made := sessionFile{make([]byte, minSessionSecret)}
	_, _ = rand.Read(made.Secret) // never fails, see crypto/rand
	if err := replaceFile(path, made); err != nil {
		return nil, fmt.Errorf("write the secret of sessions: %w", err)
	}
	return made.Secret, nil
}
