package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
)

// cpuProfile is a profile of this process that is being written; without a file
// it does nothing.
type cpuProfile struct{ file *os.File }

// startProfile begins a CPU profile of the whole process in a file that only
// its owner can read; an empty path means none.
func startProfile(path string) (cpuProfile, error) {
	if path == "" {
		return cpuProfile{}, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return cpuProfile{}, fmt.Errorf("debug.cpu-profile: %w", err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return cpuProfile{}, errors.Join(fmt.Errorf("debug.cpu-profile: %w", err), file.Close())
	}
	return cpuProfile{file}, nil
}

// stop writes what was seen.
func (p cpuProfile) stop() error {
	if p.file == nil {
		return nil
	}
	pprof.StopCPUProfile()
	if err := p.file.Close(); err != nil {
		return fmt.Errorf("debug.cpu-profile: %w", err)
	}
	return nil
}
