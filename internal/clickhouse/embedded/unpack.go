package embedded

import (
	"archive/tar"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
)

// ErrChecksum says that the downloaded package is not the pinned one.
var ErrChecksum = errors.New("the package does not have its pinned checksum")

// checkSum compares a file's SHA-512 with the pinned one, in base64.
func checkSum(path, want string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha512.New()
	if _, err := io.Copy(hash, file); err != nil {
		return fmt.Errorf("read the package: %w", err)
	}
	if got := base64.StdEncoding.EncodeToString(hash.Sum(nil)); got != want {
		return fmt.Errorf("%w and was removed, fetch it again: sha512 is %s, not %s", ErrChecksum, got, want)
	}
	return nil
}

// unpack puts one file of a tarball at path: there is all of it, or nothing.
func unpack(tarball, member, path string) error {
	file, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer file.Close()
	content, err := findMember(file, member)
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	// One name, so that an unpacking that was killed is overwritten by the next.
	temporary, err := os.OpenFile(path+".partial", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	_, err = io.Copy(temporary, content)
	if err := commitFile(temporary, path, err); err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	return nil
}

// findMember returns a reader of the file with that name in a tarball.
func findMember(tarball io.Reader, member string) (io.Reader, error) {
	packed, err := gzip.NewReader(tarball)
	if err != nil {
		return nil, err
	}
	files := tar.NewReader(packed)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("no %s in the package", member)
		}
		if err != nil {
			return nil, err
		}
		if header.Name == member {
			return files, nil
		}
	}
}
