package faulttest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Build builds the program into a folder and returns its path. With race, it
// has the race detector.
func Build(ctx context.Context, dir string, race bool) (string, error) {
	binary := filepath.Join(dir, "ibarura")
	args := []string{"build", "-o", binary}
	if race {
		args = append(args, "-race")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "ibarura/cmd/ibarura")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build ibarura: %w\n%s", err, out)
	}
	return binary, nil
}

// environment is this process's own without options of ours, but for where the
// engine is found.
func environment() []string {
	var env []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "IBARURA_") || strings.HasPrefix(entry, "IBARURA_ENGINE_") {
			env = append(env, entry)
		}
	}
	// A binary built with -race sleeps a second before it exits.
	return append(env, "GORACE=atexit_sleep_ms=0")
}
