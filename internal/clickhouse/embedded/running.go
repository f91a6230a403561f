package embedded

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// addressFile tells other processes where the engine listens.
func (f folder) addressFile() string { return f.file("address") }

// writeAddress notes the native address that the engine answers on.
func (f folder) writeAddress(addr string) error {
	if err := writeFile(f.addressFile(), []byte(addr+"\n")); err != nil {
		return fmt.Errorf("engine: note its address: %w", err)
	}
	return nil
}

// Running returns the native address and the users of the engine that another
// process runs on a data folder, for tools beside a running server. It trusts
// what that process noted; whether the engine still answers shows when it is
// asked.
func Running(dataDir string) (addr string, users Credentials, err error) {
	text, err := os.ReadFile(folder(dataDir).addressFile())
	if err != nil {
		return "", Credentials{}, fmt.Errorf("engine: find the running one: %w", err)
	}
	users, err = readCredentials(folder(dataDir).join(credentialsFile))
	if err != nil {
		return "", Credentials{}, err
	}
	if users.Writer.Password == "" {
		return "", Credentials{}, errors.New("engine: find the running one: the data folder has no passwords")
	}
	users.Writer.User, users.Reader.User, users.BI.User = userNames.Writer.User, userNames.Reader.User, userNames.BI.User
	return strings.TrimSpace(string(text)), users, nil
}
