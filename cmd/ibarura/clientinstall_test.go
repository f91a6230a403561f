package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"ibarura/internal/clickhouse/embedded"
)

// clientModules returns the folder node_modules with other products' clients. It
// is made once, by npm and from the lock file, in the user's cache folder.
func clientModules(t *testing.T) string {
	t.Helper()
	installing.Lock()
	defer installing.Unlock()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is missing: this test runs other products' clients, which come from npm. Install Node.js 20 or later, with npm.", program)
		}
	}
	lock, err := os.ReadFile(filepath.Join(clientTest, "npm", "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	base, err := embedded.DefaultCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(lock)
	folder := filepath.Join(base, "clients-"+hex.EncodeToString(sum[:8]))
	modules := filepath.Join(folder, "node_modules")
	if _, err := os.Stat(modules); err == nil {
		return modules
	}
	install(t, base, folder)
	return modules
}

var installing sync.Mutex

// install runs npm in a folder beside the one that is wanted, which is there
// only when all of it is.
func install(t *testing.T, base, folder string) {
	t.Helper()
	if err := os.MkdirAll(base, 0o755); err != nil {
		t.Fatal(err)
	}
	scratch, err := os.MkdirTemp(base, "clients-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	for _, file := range []string{"package.json", "package-lock.json", ".npmrc"} {
		copyFile(t, filepath.Join(clientTest, "npm", file), filepath.Join(scratch, file))
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = scratch
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, output)
	}
	if err := os.Rename(scratch, folder); err != nil && !os.IsExist(err) {
		if _, there := os.Stat(folder); there != nil { // another process was not faster either
			t.Fatal(err)
		}
	}
}

// scriptsBeside returns a folder with the scripts that use the clients, where
// they find them.
func scriptsBeside(t *testing.T, modules string) string {
	t.Helper()
	folder := t.TempDir()
	for _, file := range []string{"package.json", "servers.mjs"} {
		copyFile(t, filepath.Join(clientTest, "npm", file), filepath.Join(folder, file))
	}
	if err := os.Symlink(modules, filepath.Join(folder, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return folder
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
