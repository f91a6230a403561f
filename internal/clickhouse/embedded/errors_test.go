package embedded_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ibarura/internal/clickhouse/embedded"
	"ibarura/internal/enginetest"
)

func TestStartErrorsSayWhatToDo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port

	cases := map[string]struct {
		change func(*embedded.Options)
		is     error
		want   []string
	}{
		"missing library": {
			change: func(o *embedded.Options) { o.CacheDir = filepath.Join(o.DataDir, "empty") },
			is:     embedded.ErrNotFetched,
			want:   []string{"ibarura engine fetch", "make run"},
		},
		"native port in use": {
			change: func(o *embedded.Options) { o.TCPPort = port },
			is:     embedded.ErrPortInUse,
			want:   []string{strconv.Itoa(port), "native", "--engine.tcp-port"},
		},
		"HTTP port in use": {
			change: func(o *embedded.Options) { o.HTTPPort = port },
			is:     embedded.ErrPortInUse,
			want:   []string{strconv.Itoa(port), "HTTP", "--engine.http-port"},
		},
		"newer data": {
			change: func(o *embedded.Options) { write(t, filepath.Join(o.DataDir, "VERSION"), "99.1.2.3\n") },
			is:     embedded.ErrNewerData,
			want:   []string{"99.1", "26.7"},
		},
		"disk": {
			change: func(o *embedded.Options) { o.MinFreeDisk = 1 << 60 },
			is:     embedded.ErrDiskFull,
			want:   []string{"needs 1099511627776 MiB", "MiB are free"},
		},
		"not a library": {
			change: func(o *embedded.Options) {
				o.Library = filepath.Join(o.DataDir, "libchdb.so")
				write(t, o.Library, "not a library")
			},
			want: []string{"the process ended", "load the library", "libchdb.so"},
		},
		"no data folder": {
			change: func(o *embedded.Options) { o.DataDir = "" },
			want:   []string{"DataDir"},
		},
		"child does not start": {
			change: func(o *embedded.Options) { o.Command = []string{filepath.Join(o.DataDir, "nobody")} },
			want:   []string{"start", "nobody"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			opts := enginetest.Options(t.TempDir())
			c.change(&opts)
			engine, err := embedded.Start(t.Context(), opts)
			if err == nil {
				_ = engine.Stop(t.Context())
				t.Fatal("it started")
			}
			wantError(t, err, c.is, c.want)
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantError checks what an error is, if that is named, and what it says.
func wantError(t *testing.T, err, is error, says []string) {
	t.Helper()
	if is != nil && !errors.Is(err, is) {
		t.Errorf("%v\nis not %v", err, is)
	}
	for _, want := range says {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not say %q", err, want)
		}
	}
}

func TestFolderInUseNamesItsOwner(t *testing.T) {
	dir := t.TempDir()
	enginetest.StartOwn(t, func(o *embedded.Options) { o.DataDir = dir })
	_, err := embedded.Start(t.Context(), enginetest.Options(dir))
	if err == nil {
		t.Fatal("two engines in one folder")
	}
	wantError(t, err, embedded.ErrFolderInUse, []string{fmt.Sprintf("process %d", os.Getpid()), dir})
}

func TestOlderDataIsUpgraded(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "VERSION"), "25.8.1.1\n")
	engine := enginetest.StartOwn(t, func(o *embedded.Options) { o.DataDir = dir })
	got, err := os.ReadFile(filepath.Join(dir, "VERSION"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != engine.Version()+"\n" {
		t.Errorf("VERSION = %q, want the running %q", got, engine.Version())
	}
}
