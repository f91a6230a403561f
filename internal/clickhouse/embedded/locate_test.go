package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// fakeClickHouse makes a `clickhouse` that prints a version, and returns its path.
func fakeClickHouse(t *testing.T, version string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "clickhouse")
	writeScript(t, path, "echo 'ClickHouse local version "+version+" (official build).'")
	return path
}

// fakeCache makes a cache that has a library, and returns both paths.
func fakeCache(t *testing.T) (cacheDir, library string) {
	t.Helper()
	cacheDir = t.TempDir()
	library, err := cachedLibrary(cacheDir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(library), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(library, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return cacheDir, library
}

func TestLocateFollowsTheOrderOfChoice(t *testing.T) {
	recent, old := fakeClickHouse(t, "25.8.3.66"), fakeClickHouse(t, "18.16.1.1")
	broken := filepath.Join(t.TempDir(), "clickhouse")
	writeScript(t, broken, "exit 3")
	cacheDir, cached := fakeCache(t)
	other := filepath.Join(t.TempDir(), "other.so")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path string // the `clickhouse` on PATH, if any
		opts LocateOptions
		want Location
		logs string // why the one on PATH was passed over
	}{
		"binary before everything": {
			path: recent,
			opts: LocateOptions{Binary: recent, Library: other, CacheDir: cacheDir},
			want: Location{Path: recent, Binary: true, release: release{25, 8}},
		},
		"library before PATH": {
			path: recent,
			opts: LocateOptions{Library: other, CacheDir: cacheDir},
			want: Location{Path: other, release: engineRelease},
		},
		"PATH before the cache": {
			path: recent,
			opts: LocateOptions{CacheDir: cacheDir},
			want: Location{Path: recent, Binary: true, release: release{25, 8}},
		},
		"an old one on PATH is passed over": {
			path: old,
			opts: LocateOptions{CacheDir: cacheDir},
			want: Location{Path: cached, release: engineRelease},
			logs: "is ClickHouse 18.16, and 25.8 or later is needed",
		},
		"a broken one on PATH is passed over": {
			path: broken,
			opts: LocateOptions{CacheDir: cacheDir},
			want: Location{Path: cached, release: engineRelease},
			logs: "exit status 3",
		},
		"the cache": {
			opts: LocateOptions{CacheDir: cacheDir},
			want: Location{Path: cached, release: engineRelease},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", filepath.Dir(c.path))
			core, logs := observer.New(zap.WarnLevel)
			c.opts.Log = zap.New(core)
			got, err := Locate(t.Context(), c.opts)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(Location{})); diff != "" {
				t.Errorf("location (-want +got):\n%s", diff)
			}
			wantPassedOver(t, logs, c.logs)
		})
	}
}

func wantPassedOver(t *testing.T, logs *observer.ObservedLogs, why string) {
	t.Helper()
	if why == "" {
		if logs.Len() != 0 {
			t.Errorf("warned without a reason: %v", logs.All())
		}
		return
	}
	if logs.Len() != 1 {
		t.Fatalf("%d warnings, want 1", logs.Len())
	}
	if reason, _ := logs.All()[0].ContextMap()["error"].(string); !strings.Contains(reason, why) {
		t.Errorf("warned %q, want it to contain %q", reason, why)
	}
}

func TestAWrongExplicitChoiceIsAnError(t *testing.T) {
	cacheDir, _ := fakeCache(t)
	for name, c := range map[string]struct {
		opts LocateOptions
		want string
	}{
		"old binary":     {LocateOptions{Binary: fakeClickHouse(t, "24.3.1.1")}, "24.3"},
		"absent binary":  {LocateOptions{Binary: "no-such-clickhouse"}, "no-such-clickhouse"},
		"absent library": {LocateOptions{Library: "no-such-library.so"}, "no-such-library.so"},
		"no version":     {LocateOptions{Binary: fakeClickHouse(t, "unknown")}, "no version number"},
	} {
		t.Run(name, func(t *testing.T) {
			c.opts.CacheDir = cacheDir
			_, err := Locate(t.Context(), c.opts)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v, want it to contain %q", err, c.want)
			}
		})
	}
}

func TestNothingToLocateSaysHowToFetch(t *testing.T) {
	t.Setenv("PATH", "")
	_, err := Locate(t.Context(), LocateOptions{CacheDir: t.TempDir()})
	if !errors.Is(err, ErrNotFetched) {
		t.Fatalf("err = %v, want %v", err, ErrNotFetched)
	}
	for _, want := range []string{"ibarura engine fetch", "make run"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

func TestReleasesAreOrderedByYearThenNumber(t *testing.T) {
	for _, c := range []struct {
		older, newer string
		before       bool
	}{
		{"25.8.1.1", "25.10.1.1", true},
		{"25.12.9.9", "26.1.1.1", true},
		{"26.7.2.1", "26.7.9.1", false}, // one release: one format
		{"26.7.1.1", "25.8.1.1", false},
	} {
		older, err := parseRelease(c.older)
		newer, err2 := parseRelease("ClickHouse server version " + c.newer + " (official build).")
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if got := older.Before(newer); got != c.before {
			t.Errorf("%s before %s = %v, want %v", c.older, c.newer, got, c.before)
		}
	}
}
