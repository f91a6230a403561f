package main

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ibarura/internal/bench/community"
	"ibarura/internal/bench/wire"
	"ibarura/internal/loadgen"
	"ibarura/internal/report"
)

func good() options {
	return options{Size: "10m", Only: sections, Runs: minRuns, Budget: time.Second, Load: time.Second, Readers: 8, Rate: 10_000}
}

func zone(t *testing.T) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(zoneName)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// nothing is known of what has landed, and explaining reads no more than that.
type nothing struct{}

func (nothing) Query(_ context.Context, name, _ string, _ map[string]string, _ func(func(...any) error) error) (uint64, error) {
	if name == "borders" {
		return 0, nil // nothing was removed for its age
	}
	return 0, errors.New("there is no database")
}

func TestEveryEndpointIsAsked(t *testing.T) {
	list, err := questions(zone(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	spansOf := map[string]int{}
	service := report.New(nothing{}, time.Now, report.DefaultLimits())
	for _, q := range list {
		spansOf[q.path]++
		q.Explain = true
		if answer, err := service.Answer(t.Context(), q.path, q.Question); err != nil || len(answer.Explain) == 0 {
			t.Errorf("%s, %s: %v", q.path, q.about, err)
		}
	}
	for _, e := range report.Endpoints() {
		if spansOf[e.Path] < len(spans) {
			t.Errorf("%s is asked %d times", e.Path, spansOf[e.Path])
		}
	}
}

func TestFiltersAndAgesAreInTheAddress(t *testing.T) {
	list, err := questions(zone(t), []string{"users/active"})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, q := range list {
		address, err := url.Parse(q.target(false))
		if err != nil || address.Path != "/api/v1/analytics/users/active/" {
			t.Errorf("%s, %v", q.target(false), err)
		}
		all = append(all, address.RawQuery)
	}
	text := strings.Join(all, " ")
	for _, want := range []string{"max_age=60", "property.surface=search", "role=moderator", "from=2025-01-01", "interval=month"} {
		if !strings.Contains(text, want) {
			t.Errorf("no question has %s: %s", want, text)
		}
	}
	if !strings.HasSuffix(list[0].target(true), "&to=2026-01-01") || !strings.Contains(list[0].target(true), "explain=true") {
		t.Error(list[0].target(true))
	}
}

func TestHistoryIsMadeAnewForAnotherOne(t *testing.T) {
	c := community.Options{Seed: 1, Events: 1_000_000, Project: project, Zone: zoneName, From: yearBegins, To: yearEnds}
	first, err := versionOf(c)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := versionOf(c)
	c.Seed++
	other, _ := versionOf(c)
	if first != again || first == other || len(first) != 12 {
		t.Errorf("%q, again %q, of another seed %q", first, again, other)
	}
}

// TestCopyLeavesTheHistoryAlone changes every file of a copy as ClickHouse does:
// parts are replaced, the rest is written in place.
func TestCopyLeavesTheHistoryAlone(t *testing.T) {
	h := history{root: t.TempDir()}
	h.dir = filepath.Join(h.root, "kept")
	part := filepath.Join("clickhouse", "store", "abc", "all_1_1_0")
	files := map[string]bool{ // whether they are linked
		filepath.Join(part, "checksums.txt"):                           true,
		filepath.Join(part, "data.bin"):                                true,
		filepath.Join(part, "txn_version.txt"):                         false,
		filepath.Join("clickhouse", "store", "abc", "format.txt"):      false,
		filepath.Join("keys.json"):                                     false,
		filepath.Join("clickhouse", "data", "system", "log", "x.bin"):  false,
		filepath.Join("clickhouse", "metadata", "ibarura", "link.sql"): false,
	}
	for name := range files {
		write(t, filepath.Join(h.dir, "data", name), "as made")
	}
	work, err := h.copy()
	if err != nil {
		t.Fatal(err)
	}
	for name, linked := range files {
		original, copied := filepath.Join(h.dir, "data", name), filepath.Join(work, "data", name)
		was, err := os.Stat(original)
		if err != nil {
			t.Fatal(err)
		}
		is, err := os.Stat(copied)
		if strings.Contains(name, "system") {
			if !os.IsNotExist(err) {
				t.Errorf("%s is copied: %v", name, err)
			}
			continue
		}
		if err != nil || os.SameFile(was, is) != linked {
			t.Errorf("%s: linked is not %t, %v", name, linked, err)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRatioIsAgainstTheBarOfTheStatements(t *testing.T) {
	r := result{endpoint: wire.Latency{13 * time.Millisecond}, bare: wire.Latency{10 * time.Millisecond}}
	if got := r.ratio(); got != 1 {
		t.Errorf("%f", got)
	}
	r.bar = 13 * time.Millisecond
	if r.within() != "no" {
		t.Error("as long as the bar is not below it")
	}
}

func TestIdsOfEveryLineAreRenewed(t *testing.T) {
	g, err := loadgen.New(loadgen.Options{Seed: 1, Run: 1})
	if err != nil {
		t.Fatal(err)
	}
	body := g.AppendJSON(nil, 7)
	ids := idsOf(body)
	for _, at := range ids {
		if string(body[at-loadgen.IDOffset:at]) != `{"id":"` {
			t.Errorf("no id at %d", at)
		}
	}
	if len(ids) != 7 {
		t.Errorf("%d ids", len(ids))
	}
}

func TestSizes(t *testing.T) {
	for size, want := range map[string]int{"300k": 300_000, "10m": 10_000_000, "100M": 100_000_000, "50000": 50_000, "": 0, "m": 0, "-1m": 0, "10g": 0} {
		o := options{Size: size}
		if got, err := o.events(); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %d, %v", size, got, err)
		}
	}
}

func TestBadOptionsAreRefused(t *testing.T) {
	o := good()
	if err := o.check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*options){
		"size":    func(o *options) { o.Size = "much" },
		"runs":    func(o *options) { o.Runs = minRuns - 1 },
		"readers": func(o *options) { o.Readers = 0 },
		"rate":    func(o *options) { o.Rate = 1 },
		"section": func(o *options) { o.Only = []string{"everything"} },
	} {
		bad := good()
		if change(&bad); bad.check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestFiguresAreReadable(t *testing.T) {
	if got := thousands(1234567.8) + " " + megabytes(uint64(1_700_000)) + " " + megabytes(2.5e9); got != "1,234,568 1.7 2,500" {
		t.Error(got)
	}
}
