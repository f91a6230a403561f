package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
)

// ErrNoNPM says that npm, which knows where packages are, is not installed.
var ErrNoNPM = errors.New("npm is not installed")

// tarballURL asks npm where a package's tarball is. So the registry is the one
// that this machine is set up for, and none is named here; what it serves is
// checked against the pin.
func tarballURL(ctx context.Context, p pin) (string, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", fmt.Errorf("%w, and it is needed to find the engine's package: install Node.js with npm, "+
			"put a `clickhouse` of release %s or later on PATH, "+
			"or give the address of a ClickHouse server with --clickhouse.addr", ErrNoNPM, oldestRelease)
	}
	var said bytes.Buffer
	command := exec.CommandContext(ctx, npm, "view", p.spec(), "dist.tarball")
	command.Stderr = &said
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("npm view: %w: %s", err, strings.TrimSpace(said.String()))
	}
	address := strings.TrimSpace(string(output))
	if u, err := url.Parse(address); err != nil || u.Host == "" || !strings.HasPrefix(u.Scheme, "http") {
		return "", fmt.Errorf("npm view gave no address for the package: %q", address)
	}
	return address, nil
}
