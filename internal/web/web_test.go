package web

import (
	"io/fs"
	"testing"
	"testing/fstest"
)

// mostLoaded is what a first visit may take, in bytes as gzip has them.
const mostLoaded = 300_000

func TestAFirstVisitLoadsUnder300KBGzipped(t *testing.T) {
	sum := 0
	if page, built := Page(); built {
		sum = len(page.For("gzip").Body)
	}
	for name, file := range assets() {
		size := len(file.For("gzip").Body)
		t.Logf("%s: %d bytes", name, size)
		sum += size
	}
	if sum > mostLoaded {
		t.Errorf("%d bytes, want at most %d", sum, mostLoaded)
	}
}

func TestEveryBuiltFileIsServed(t *testing.T) {
	built, err := fs.Glob(dist, "dist/assets/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(assets()) != len(built) {
		t.Errorf("%d of %d files have a known type", len(assets()), len(built))
	}
}

func TestOnlyKnownKindsOfFilesAreServed(t *testing.T) {
	files := fstest.MapFS{"a.js": {Data: []byte("1")}, "a.map": {Data: []byte("{}")}}
	for name, want := range map[string]bool{"a.js": true, "a.map": false, "b.js": false} {
		if _, known := read(files, name); known != want {
			t.Errorf("%s: %v", name, known)
		}
	}
}
