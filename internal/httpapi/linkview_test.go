package httpapi

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/access"
	"ibarura/internal/report"
)

var update = flag.Bool("update", false, "write the views that the dashboard's tests read anew")

const viewsFile = "../../dashboards/web/test/views.json"

// askedView is what a page asks at a moment, as this server expects it.
type askedView struct {
	Now  time.Time         `json:"now"`
	Zone string            `json:"zone"` // of the project
	View string            `json:"view"`
	Path string            `json:"path"`
	Asks map[string]string `json:"asks"`
}

func endpoint(t *testing.T, path string) report.Endpoint {
	t.Helper()
	all := report.Endpoints()
	i := slices.IndexFunc(all, func(e report.Endpoint) bool { return e.Path == path })
	if i < 0 {
		t.Fatalf("there is no question %s", path)
	}
	return all[i]
}

// someViews are every range by name on days that try its borders, and every kind
// of parameter.
func someViews(t *testing.T) []askedView {
	t.Helper()
	var list []askedView
	for _, now := range []string{"2026-03-01T22:30:00Z", "2024-02-29T12:00:00Z", "2026-01-31T00:00:00Z", "2025-12-31T23:59:59Z"} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range append(slices.Sorted(maps.Keys(linkRanges)), "") {
			list = append(list, askedView{Now: at, Zone: "Africa/Kigali", View: strings.TrimSuffix("overview?range="+name, "?range="), Path: "summary"})
		}
	}
	at := list[0].Now
	for _, days := range []string{"2026-01-01&to=2026-01-03", "2026-01-01&to=2026-01-04", "2026-01-01&to=2026-04-03", "2026-01-01&to=2026-04-04", "2026-01-01&to=2026-07-21", "2010-01-01&to=2026-01-01"} {
		list = append(list, askedView{Now: at, Zone: "UTC", View: "users?from=" + days, Path: "users/active"})
	}
	return append(list,
		askedView{Now: at, Zone: "UTC", View: "users?range=7d&timezone=Asia%2FTokyo&compare=none&interval=week&role=a%26b", Path: "users/growth"},
		askedView{Now: at, Zone: "UTC", View: "overview?compare=year&tag=go&property.plan=pro&device=mobile", Path: "sessions"},
		askedView{Now: at, Zone: "UTC", View: "events?type=login&role=core", Path: "events/types"})
}

// The other half of this is in dashboards/web/test/share.test.ts.
func TestTheServerExpectsWhatThePageAsks(t *testing.T) {
	list := someViews(t)
	for i := range list {
		zone, err := access.LoadZone(list[i].Zone)
		if err != nil {
			t.Fatal(err)
		}
		v, err := readView(list[i].View, access.NewProject("p", zone, nil))
		if err != nil {
			t.Fatalf("%s: %v", list[i].View, err)
		}
		list[i].Asks, _ = v.asks(endpoint(t, list[i].Path), zone, list[i].Now)
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(list); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(viewsFile, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(viewsFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(written)); diff != "" {
		t.Errorf("go test ./internal/httpapi -update writes it anew (server -, file +)\n%s", diff)
	}
}

func TestARelativeRangeMovesAndTakesThreeDaysAndNoFourth(t *testing.T) {
	project := access.NewProject("p", time.UTC, nil)
	v, err := readView("users?range=7d&compare=none", project)
	if err != nil {
		t.Fatal(err)
	}
	e := endpoint(t, "users/active")
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for days, want := range map[int]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		asked := url.Values{}
		of, _ := v.asks(e, time.UTC, now.AddDate(0, 0, days))
		for name, value := range of {
			asked.Set(name, value)
		}
		if got := v.allows(e, asked, time.UTC, now); got != want {
			t.Errorf("%v, asked on %v: %v", asked, now, got)
		}
	}
}

func TestEveryQuestionOfAPageIsThereAndNamesNobody(t *testing.T) {
	for name, page := range linkPages {
		for _, q := range page.questions {
			if e := endpoint(t, q.path); e.Personal {
				t.Errorf("the page %s asks %s, which names persons", name, q.path)
			}
		}
	}
}

func FuzzView(f *testing.F) {
	for _, text := range []string{"users?range=30d", "post?object_id=7", "funnel?steps=a,b&window=1d", "events?from=2026-01-01&to=2026-02-01&property.a=b", "?", "users?%"} {
		f.Add(text)
	}
	project := access.NewProject("p", time.UTC, nil)
	reports := report.New(nil, time.Now, report.DefaultLimits()) // nothing is read
	f.Fuzz(func(t *testing.T, text string) {
		v, err := readView(text, project)
		if err != nil {
			if problemOf(err).Field != "view" {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		for name, value := range v.params {
			if value == "" || !utf8.ValidString(name+value) {
				t.Errorf("%q is taken with %q=%q", text, name, value)
			}
		}
		if len(text) > access.MaxLinkView {
			t.Errorf("a view of %d bytes is taken", len(text))
		}
		if err := v.check(reports, project); err != nil && problemOf(err).Field != "view" {
			t.Errorf("%q: %v", text, err)
		}
	})
}
