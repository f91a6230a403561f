package embedded

import (
	"errors"
	"fmt"
	"runtime"
)

// EngineVersion is the version of the pinned engine library, as its packager
// counts.
const EngineVersion = "26.7.3-stable.1"

// engineRelease is the ClickHouse release inside the pinned library.
var engineRelease = release{26, 7}

// libraryFile is the name of the engine library, in its package and in the cache.
const libraryFile = "libchdb.so"

// ErrUnsupportedPlatform says that no engine library is pinned for this
// operating system and processor.
var ErrUnsupportedPlatform = errors.New("no embedded engine for this platform")

// pin names one package of the engine and the bytes that it must have.
type pin struct {
	Package string // npm package name
	Version string
	SHA512  string // base64, of the whole tarball: npm's integrity without its prefix
	Member  string // the file in the tarball that is kept
}

// pins holds a package for each "os/arch" that was checked on a real machine.
var pins = map[string]pin{
	"linux/amd64": {
		Package: "@chdb/lib-linux-x64-gnu",
		Version: EngineVersion,
		SHA512:  "XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==",
		Member:  "package/" + libraryFile,
	},
}

// spec is what npm calls the package at its version.
func (p pin) spec() string { return p.Package + "@" + p.Version }

// platform is the running program's "os/arch".
func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }

// pinFor returns the package for an "os/arch".
func pinFor(platform string) (pin, error) {
	p, ok := pins[platform]
	if !ok {
		return pin{}, fmt.Errorf("%w: %s. Put a `clickhouse` of release %s or later on PATH, "+
			"or give the address of a ClickHouse server with --clickhouse.addr",
			ErrUnsupportedPlatform, platform, oldestRelease)
	}
	return p, nil
}
