package embedded

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/gofrs/flock"
)

// fetchDisk is the free space in bytes that a fetch needs: the tarball and
// what is unpacked from it.
const fetchDisk = 800 << 20

// FetchOptions says where Fetch puts the engine library.
type FetchOptions struct {
	// CacheDir is the folder of the cache. Empty: DefaultCacheDir.
	CacheDir string
	// Progress receives lines and a progress bar for a person to read. Nil: none.
	Progress io.Writer
}

// Fetch puts this platform's engine library into the cache, unless it is there
// already, and returns its path. Only bytes with the pinned checksum get there,
// and only as a whole: an interrupted download is continued by the next call.
// Several processes may call it at once; one of them fetches.
func Fetch(ctx context.Context, opts FetchOptions) (string, error) {
	pinned, err := pinFor(platform())
	if err != nil {
		return "", err
	}
	path, err := cachedLibrary(opts.CacheDir)
	if err != nil {
		return "", err
	}
	f := fetcher{
		pin:      pinned,
		path:     path,
		disk:     fetchDisk,
		progress: opts.Progress,
		client:   newDownloadClient(),
		stall:    time.Minute,
		pause:    newPause(),
	}
	if f.progress == nil {
		f.progress = io.Discard
	}
	if err := f.fetch(ctx); err != nil {
		return "", fmt.Errorf("engine: fetch %s: %w", pinned.spec(), err)
	}
	return path, nil
}

// fetched reports whether there is a file at path. It is whole if it is there,
// because it came by a rename.
func fetched(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// fetch does the whole work, under a lock that other fetchers wait for.
func (f *fetcher) fetch(ctx context.Context) error {
	if fetched(f.path) {
		return nil
	}
	dir := filepath.Dir(f.path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	lock := flock.New(filepath.Join(dir, ".lock"))
	if _, err := lock.TryLockContext(ctx, 200*time.Millisecond); err != nil {
		return fmt.Errorf("wait for another fetch: %w", err)
	}
	defer lock.Close()
	if fetched(f.path) {
		return nil
	}
	if err := checkDisk(dir, f.disk, "fetching the engine"); err != nil {
		return err
	}
	return f.fetchLocked(ctx)
}

func (f *fetcher) fetchLocked(ctx context.Context) error {
	url, err := tarballURL(ctx, f.pin)
	if err != nil {
		return err
	}
	tarball := filepath.Join(filepath.Dir(f.path), "package.tgz.partial")
	f.say("Fetching the engine, ClickHouse %s, once for all checkouts (%s)", engineRelease, f.pin.spec())
	if err := f.download(ctx, url, tarball); err != nil {
		return err
	}
	f.say("Checking and unpacking it")
	if err := checkSum(tarball, f.pin.SHA512); err != nil {
		_ = os.Remove(tarball)
		return err
	}
	if err := unpack(tarball, f.pin.Member, f.path); err != nil {
		return err
	}
	return os.Remove(tarball)
}

// fetcher is one fetch of one package.
type fetcher struct {
	pin      pin
	path     string // of the library, when it is there
	disk     uint64 // free bytes needed
	progress io.Writer
	client   *http.Client
	stall    time.Duration // a download without a byte for so long is tried again
	pause    backoff.BackOff
}

func (f *fetcher) say(format string, args ...any) {
	fmt.Fprintf(f.progress, format+"\n", args...)
}
