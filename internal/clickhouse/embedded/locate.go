package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"go.uber.org/zap"
)

// ErrNotFetched says that there is no engine on this machine yet.
var ErrNotFetched = errors.New("the engine is not here yet")

// LocateOptions says where to look for an engine.
type LocateOptions struct {
	// Binary and Library are explicit choices; a wrong one is an error, and
	// nothing else is looked for. Binary wins.
	Binary, Library string
	// CacheDir is the folder that Fetch filled. Empty: DefaultCacheDir.
	CacheDir string
	// Log is told which engine was passed over, and why. Nil: nobody.
	Log *zap.Logger
}

// Location is an engine on this machine.
type Location struct {
	// Path is the library's or the binary's.
	Path string
	// Binary says that Path is a `clickhouse` binary.
	Binary bool

	release release
}

// Release is the ClickHouse release, such as "26.7".
func (l Location) Release() string { return l.release.String() }

// Locate chooses the engine: the one that was named; else a `clickhouse` on
// PATH that is recent enough; else the library that Fetch has put into the
// cache. Without any it returns ErrNotFetched, or ErrUnsupportedPlatform where
// there is nothing to fetch.
func Locate(ctx context.Context, opts LocateOptions) (Location, error) {
	log := opts.Log
	if log == nil {
		log = zap.NewNop()
	}
	if opts.Binary != "" {
		return locateBinary(ctx, opts.Binary)
	}
	if opts.Library != "" {
		return locateLibrary(opts.Library)
	}
	if path, err := exec.LookPath("clickhouse"); err == nil {
		found, err := locateBinary(ctx, path)
		if err == nil {
			return found, nil
		}
		log.Warn("the clickhouse on PATH is passed over", zap.String("path", path), zap.Error(err))
	}
	return locateCached(opts.CacheDir)
}

// Ensure locates an engine, and fetches the library if there is none yet. It is
// what a set-up calls: where a `clickhouse` on PATH does, nothing is fetched.
func Ensure(ctx context.Context, opts LocateOptions, progress io.Writer) (Location, error) {
	found, err := Locate(ctx, opts)
	if opts.Library != "" || !errors.Is(err, ErrNotFetched) {
		return found, err
	}
	if _, err := Fetch(ctx, FetchOptions{CacheDir: opts.CacheDir, Progress: progress}); err != nil {
		return Location{}, err
	}
	return locateCached(opts.CacheDir)
}

// locateBinary checks that a binary, a path or a name on PATH, runs and is
// recent enough.
func locateBinary(ctx context.Context, name string) (Location, error) {
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path) // the child runs in another folder
	}
	if err != nil {
		return Location{}, fmt.Errorf("engine: clickhouse binary: %w", err)
	}
	found, err := binaryRelease(ctx, path)
	if err != nil {
		return Location{}, fmt.Errorf("engine: %s --version: %w", path, err)
	}
	if found.Before(oldestRelease) {
		return Location{}, fmt.Errorf("engine: %s is ClickHouse %s, and %s or later is needed", path, found, oldestRelease)
	}
	return Location{Path: path, Binary: true, release: found}, nil
}

// binaryRelease asks a binary for its version.
func binaryRelease(ctx context.Context, path string) (release, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, path, "--version")
	command.WaitDelay = time.Second
	output, err := command.Output()
	if err != nil {
		return release{}, err
	}
	return parseRelease(string(output))
}

func locateLibrary(path string) (Location, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return Location{}, fmt.Errorf("engine: library %s: %w", path, err)
	}
	if _, err := os.Stat(absolute); err != nil {
		return Location{}, fmt.Errorf("%w: no engine library at %s", ErrNotFetched, absolute)
	}
	return Location{Path: absolute, release: engineRelease}, nil
}

func locateCached(cacheDir string) (Location, error) {
	if _, err := pinFor(platform()); err != nil {
		return Location{}, err
	}
	path, err := cachedLibrary(cacheDir)
	if err != nil {
		return Location{}, err
	}
	if _, err := os.Stat(path); err != nil {
		return Location{}, fmt.Errorf("%w (%s): fetch it with `ibarura engine fetch`, or let `make run` do so",
			ErrNotFetched, path)
	}
	return Location{Path: path, release: engineRelease}, nil
}
