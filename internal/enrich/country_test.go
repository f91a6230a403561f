package enrich

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"go.uber.org/goleak"

	"ibarura/internal/event"
)

// countryFile writes a database that knows two networks of the documentation
// ranges, one of them with the given country.
func countryFile(t *testing.T, path, country string) {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Test-Country", IncludeReservedNetworks: true, RecordSize: 24})
	if err != nil {
		t.Fatal(err)
	}
	for network, code := range map[string]string{"192.0.2.0/24": country, "2001:db8::/32": "KE", "198.51.100.0/24": "not a code"} {
		_, block, err := net.ParseCIDR(network)
		if err != nil {
			t.Fatal(err)
		}
		record := mmdbtype.Map{"country": mmdbtype.Map{"iso_code": mmdbtype.String(code)}}
		if err := tree.Insert(block, record); err != nil {
			t.Fatal(err)
		}
	}
	replacement := path + ".new"
	file, err := os.Create(replacement)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.WriteTo(file); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(file.Close(), os.Rename(replacement, path)); err != nil {
		t.Fatal(err)
	}
}

func countryOf(e *Enricher, address string) string {
	var out event.Visit
	e.Visit(&event.PageView{URL: "/", IP: address}, &out)
	return out.Country
}

func TestCountriesComeFromTheDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "country.mmdb")
	countryFile(t, path, "RW")
	e := newEnricher(t, Options{CountryDB: path})
	for address, want := range map[string]string{
		"192.0.2.7": "RW", "::ffff:192.0.2.7": "RW", "2001:db8::1": "KE", "2001:db8::1%eth0": "KE",
		"198.51.100.1": "", "203.0.113.1": "", "10.0.0.1": "", "": "", "host.example": "", "192.0.2.7:80": "",
	} {
		if got := countryOf(e, address); got != want {
			t.Errorf("%s: country %q, want %q", address, got, want)
		}
	}
}

func TestMissingOrBrokenCountryDatabaseIsAnErrorAtNew(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.mmdb")
	if _, err := New(Options{CountryDB: missing}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	broken := filepath.Join(t.TempDir(), "broken.mmdb")
	if err := os.WriteFile(broken, []byte("not a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{CountryDB: broken}); err == nil {
		t.Error("broken: no error")
	}
	goleak.VerifyNone(t)
}

func TestReplacedCountryDatabaseIsOpenedAnewWhileInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "country.mmdb")
	countryFile(t, path, "RW")
	reloads := make(chan error, 16)
	e, err := New(Options{CountryDB: path, ReloadEvery: time.Millisecond, OnReload: func(err error) { reloads <- err }})
	if err != nil {
		t.Fatal(err)
	}
	stop, readers := make(chan struct{}), sync.WaitGroup{}
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					countryOf(e, "192.0.2.7")
				}
			}
		})
	}
	if err := os.WriteFile(path+".broken", []byte("not a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".broken", path); err != nil {
		t.Fatal(err)
	}
	if err := <-reloads; err == nil {
		t.Error("a broken replacement was reported as opened")
	}
	if got := countryOf(e, "192.0.2.7"); got != "RW" {
		t.Errorf("after a broken replacement: %q, want the old answer", got)
	}
	countryFile(t, path, "TZ")
	if err := <-reloads; err != nil {
		t.Error(err)
	}
	if got := countryOf(e, "192.0.2.7"); got != "TZ" {
		t.Errorf("after a replacement: %q, want TZ", got)
	}
	close(stop)
	readers.Wait()
	if err := errors.Join(e.Close(), e.Close()); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t)
}
