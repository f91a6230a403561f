package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
)

func TestProfileIsWrittenForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cpu.pprof")
	p, err := startProfile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := profile.Parse(file); err != nil {
		t.Error(err)
	}
	if info, err := file.Stat(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestNoProfileUnlessAskedFor(t *testing.T) {
	p, err := startProfile("")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}

func TestProfileThatCannotBeWrittenNamesTheOption(t *testing.T) {
	if _, err := startProfile(filepath.Join(t.TempDir(), "absent", "cpu.pprof")); err == nil || !strings.Contains(err.Error(), "debug.cpu-profile") {
		t.Error(err)
	}
}
