package enrich

import (
	"fmt"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

// countryDB looks up countries in a file, and opens the file anew when it
// changes: country databases are replaced every few days.
//
// The file is read into memory (country databases have some 10 MB) and not
// mapped: a mapped file that is overwritten in place ends the process.
type countryDB struct {
	path     string
	onReload func(error)
	reader   atomic.Pointer[maxminddb.Reader]

	seen    fileState // of the last attempt to open; used by watch only
	stop    chan struct{}
	stopped sync.WaitGroup
	once    sync.Once
}

// fileState changes when a file is replaced or rewritten.
type fileState struct {
	modified time.Time
	size     int64
}

func openCountries(o Options) (*countryDB, error) {
	db := &countryDB{path: o.CountryDB, onReload: o.OnReload, stop: make(chan struct{})}
	state, err := db.stat()
	if err != nil {
		return nil, err
	}
	db.seen = state
	if err := db.open(); err != nil {
		return nil, err
	}
	every := o.ReloadEvery
	if every <= 0 {
		every = time.Minute
	}
	db.stopped.Go(func() { db.watch(every) })
	return db, nil
}

func (db *countryDB) open() error {
	content, err := os.ReadFile(db.path)
	if err != nil {
		return err
	}
	reader, err := maxminddb.OpenBytes(content)
	if err != nil {
		return fmt.Errorf("%s: %w", db.path, err)
	}
	db.reader.Store(reader)
	return nil
}

func (db *countryDB) stat() (fileState, error) {
	info, err := os.Stat(db.path)
	if err != nil {
		return fileState{}, err
	}
	return fileState{modified: info.ModTime(), size: info.Size()}, nil
}

func (db *countryDB) watch(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-db.stop:
			return
		case <-ticker.C:
			if changed, err := db.reload(); changed && db.onReload != nil {
				db.onReload(err)
			}
		}
	}
}

// reload opens the file if it is another one than at the last attempt. A file
// that is gone for the moment is no change: it is being replaced.
func (db *countryDB) reload() (changed bool, err error) {
	state, err := db.stat()
	if err != nil || state == db.seen {
		return false, nil //nolint:nilerr // a file that is gone is being replaced
	}
	db.seen = state
	return true, db.open()
}

// of returns the ISO code of an address's country, or nothing.
func (db *countryDB) of(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	var code string
	result := db.reader.Load().Lookup(ip.Unmap().WithZone(""))
	if err := result.DecodePath(&code, "country", "iso_code"); err != nil || !isCountryCode(code) {
		return ""
	}
	return code
}

// isCountryCode keeps out what a database of another kind has in that place.
func isCountryCode(s string) bool {
	return len(s) == 2 && 'A' <= s[0] && s[0] <= 'Z' && 'A' <= s[1] && s[1] <= 'Z'
}

func (db *countryDB) close() {
	db.once.Do(func() { close(db.stop) })
	db.stopped.Wait()
}
