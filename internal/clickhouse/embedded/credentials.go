package embedded

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// credentialsFile keeps the generated passwords, in the data folder.
const credentialsFile = "engine-credentials.json"

// Login is a ClickHouse user and its password.
type Login struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

// Credentials are the three users of the engine.
type Credentials struct {
	// Writer has all rights: migrations, the loader, erasure.
	Writer Login `json:"writer"`
	// Reader reads the database `ibarura`: the reports.
	Reader Login `json:"reader"`
	// BI reads the database `bi`: Metabase, Superset and the like.
	BI Login `json:"bi"`
}

// userNames are fixed: the schema's grants and definers name them.
var userNames = Credentials{
	Writer: Login{User: "ibarura"},
	Reader: Login{User: "ibarura_reader"},
	BI:     Login{User: "bi"},
}

// loadCredentials completes given with what the data folder keeps, and that
// with generated passwords, which it then keeps there.
func loadCredentials(dataDir string, given Credentials) (Credentials, error) {
	path := filepath.Join(dataDir, credentialsFile)
	kept, err := readCredentials(path)
	if err != nil {
		return Credentials{}, err
	}
	creds, changed := userNames, false
	for _, p := range []struct{ given, kept, out *string }{
		{&given.Writer.Password, &kept.Writer.Password, &creds.Writer.Password},
		{&given.Reader.Password, &kept.Reader.Password, &creds.Reader.Password},
		{&given.BI.Password, &kept.BI.Password, &creds.BI.Password},
	} {
		*p.out = orDefault(*p.given, *p.kept)
		if *p.out == "" {
			*p.out = newPassword()
		}
		changed = changed || *p.out != *p.kept
	}
	if !changed {
		return creds, nil
	}
	return creds, writeCredentials(path, creds)
}

func readCredentials(path string) (Credentials, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Credentials{}, nil
	}
	if err != nil {
		return Credentials{}, fmt.Errorf("engine: read credentials: %w", err)
	}
	var creds Credentials
	if err := json.Unmarshal(text, &creds); err != nil {
		return Credentials{}, fmt.Errorf("engine: %s is damaged, remove it to have new passwords made: %w", path, err)
	}
	return creds, nil
}

func writeCredentials(path string, creds Credentials) error {
	text, err := json.MarshalIndent(creds, "", "  ")
	if err != nil {
		return fmt.Errorf("engine: write credentials: %w", err)
	}
	return writeFile(path, append(text, '\n'))
}

// newPassword returns 192 random bits as text that needs no quoting anywhere.
func newPassword() string {
	random := make([]byte, 24)
	_, _ = rand.Read(random) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(random)
}

// passwordHash is what users.xml holds in place of the password.
func passwordHash(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}
