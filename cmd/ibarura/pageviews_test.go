package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"ibarura/internal/clickhouse/embedded"
)

const (
	chromeOnWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
	googlebot       = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
	visitorAddress  = "203.0.113.77"
)

// storedPage is what the raw table has of a page view.
type storedPage struct {
	Host, Path, Source                                     string
	UTMSource, UTMMedium, UTMCampaign, UTMTerm, UTMContent string
	Device, Browser, OS, Country                           string
	Bot                                                    bool
}

func TestPageViewsAreStoredByWhatTheyImplyAndNeverByAddress(t *testing.T) {
	t.Parallel()
	// The country is the one trace that an address leaves, so the test's file
	// says which address was looked at.
	s := serve(t, t.TempDir(), "--ingest.country-db", countriesOf(t, map[string]string{visitorAddress + "/32": "RW", "127.0.0.0/8": "KE"}))
	s.view(t, http.Header{"User-Agent": {chromeOnWindows}, "X-Forwarded-For": {visitorAddress}, "X-Real-Ip": {visitorAddress}},
		`{"id":"browser","user_id":"u1","referrer":"https://www.google.co.rw/search?q=x","url":"https://Www.Example.org:443/a/./b%20c/?utm_source=letter&utm_medium=email&utm_campaign=summer+sale&utm_term=t%C3%A9rm&utm_content=top#end"}`)
	s.view(t, http.Header{"User-Agent": {chromeOnWindows}},
		`{"id":"robot","user_agent":"`+googlebot+`","ip":"`+visitorAddress+`","url":"/feed"}`)
	s.view(t, http.Header{"User-Agent": {"our-backend/1.0"}},
		`{"id":"backend","user_id":"u2","url":"https://example.org/","referrer":"https://www.example.org/a"}`)

	conn := openAsWriter(t, s.dir)
	for id, want := range map[string]storedPage{
		"browser": {
			Host: "www.example.org", Path: "/a/b c", Source: "google",
			UTMSource: "letter", UTMMedium: "email", UTMCampaign: "summer sale", UTMTerm: "térm", UTMContent: "top",
			Device: "desktop", Browser: "Chrome", OS: "Windows", Country: "KE", // the peer's, not the header's
		},
		"robot":   {Path: "/feed", Device: "bot", Browser: "Googlebot", Country: "RW", Bot: true},
		"backend": {Host: "example.org", Path: "/", Device: "other"},
	} {
		if diff := cmp.Diff(want, readPage(t, conn, id)); diff != "" {
			t.Errorf("%s: wanted (-), stored (+):\n%s", id, diff)
		}
	}
	t.Run("ReportsCountRobotsApart", func(t *testing.T) {
		var overview struct {
			Totals struct {
				Events int
				People int `json:"page_views"`
				Robots int `json:"bot_page_views"`
			}
		}
		s.data("/api/v1/analytics/events", ever, &overview)
		if n := overview.Totals; n.Events != 0 || n.People != 2 || n.Robots != 1 {
			t.Errorf("%+v", n)
		}
	})
	t.Run("NoColumnOfNoTableHasTheAddress", func(t *testing.T) { addressNowhere(t, s, conn) })
}

// view posts a page view and waits until it can be queried.
func (s *instance) view(t *testing.T, header http.Header, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.base+"/api/v1/pageviews?wait=true", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	req.Header.Set("Content-Type", "application/json")
	if r := send(req, s.keys["write"]); r.status != http.StatusOK || !strings.Contains(string(r.body), `"accepted":1`) {
		t.Fatalf("%d %s", r.status, r.body)
	}
}

// countriesOf writes a file that tells the country of networks.
func countriesOf(t *testing.T, networks map[string]string) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Test-Country", IncludeReservedNetworks: true, RecordSize: 24})
	if err != nil {
		t.Fatal(err)
	}
	for network, code := range networks {
		_, block, err := net.ParseCIDR(network)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(block, mmdbtype.Map{"country": mmdbtype.Map{"iso_code": mmdbtype.String(code)}}); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "country.mmdb")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if _, err := tree.WriteTo(file); err != nil {
		t.Fatal(err)
	}
	return path
}

// openAsWriter connects to the engine of a running serve, as its writer.
func openAsWriter(t *testing.T, dir string) clickhouse.Conn {
	t.Helper()
	addr, users, err := embedded.Running(dir)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(&clickhouse.Options{
		Addr: []string{addr}, Auth: clickhouse.Auth{Database: "ibarura", Username: users.Writer.User, Password: users.Writer.Password},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func readPage(t *testing.T, conn clickhouse.Conn, id string) storedPage {
	t.Helper()
	var p storedPage
	row := conn.QueryRow(t.Context(), `SELECT host, path, source, utm_source, utm_medium, utm_campaign, utm_term, utm_content,
		device, browser, os, country, bot FROM page_views WHERE id = $1`, id)
	if err := row.Scan(&p.Host, &p.Path, &p.Source, &p.UTMSource, &p.UTMMedium, &p.UTMCampaign, &p.UTMTerm, &p.UTMContent,
		&p.Device, &p.Browser, &p.OS, &p.Country, &p.Bot); err != nil {
		t.Fatalf("page view %s: %v", id, err)
	}
	return p
}

// addressNowhere looks for the visitor's address in the text of every row of
// every table, and in the logs.
func addressNowhere(t *testing.T, s *instance, conn clickhouse.Conn) {
	var tables []struct {
		Name string `ch:"name"`
	}
	err := conn.Select(t.Context(), &tables, "SELECT name FROM system.tables WHERE database = 'ibarura' AND engine LIKE '%MergeTree'")
	if err != nil {
		t.Fatal(err)
	}
	found := uint64(0)
	for _, table := range tables {
		if n := rowsWith(t, conn, table.Name, visitorAddress); n > 0 {
			t.Errorf("%d rows of %s have the address", n, table.Name)
		}
		found += rowsWith(t, conn, table.Name, "summer sale") // or the search would prove nothing
	}
	if found == 0 || len(tables) < 10 {
		t.Errorf("the search over %v does not find what is there", tables)
	}
	engineLog, err := os.ReadFile(filepath.Join(s.dir, "engine", "engine.log"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"the log": s.log.String(), "the engine's log": string(engineLog)} {
		if strings.Contains(text, visitorAddress) {
			t.Errorf("%s has the address", name)
		}
	}
}

// rowsWith counts the rows of a table with a text in any column.
func rowsWith(t *testing.T, conn clickhouse.Conn, table, text string) uint64 {
	t.Helper()
	var n uint64
	query := fmt.Sprintf("SELECT count() FROM `%s` WHERE positionCaseInsensitive(toString(tuple(*)), $1) > 0", table)
	if err := conn.QueryRow(t.Context(), query, text).Scan(&n); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	return n
}

func TestAForwardedAddressIsBelievedOnlyOfTrustedProxies(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--http.trusted-proxies", "127.0.0.1",
		"--ingest.country-db", countriesOf(t, map[string]string{visitorAddress + "/32": "RW", "127.0.0.0/8": "KE"}))
	s.view(t, http.Header{"User-Agent": {chromeOnWindows}, "X-Forwarded-For": {visitorAddress}}, `{"id":"1","url":"/"}`)
	if got := readPage(t, openAsWriter(t, s.dir), "1").Country; got != "RW" {
		t.Errorf("the country is %q, want the one of the forwarded address", got)
	}
}
