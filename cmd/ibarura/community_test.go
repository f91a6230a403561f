package main

import (
	"compress/gzip"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/oracle"
)

const (
	community = "../../testdata/community.ndjson.gz"
	accessLog = "../../testdata/access.log.gz"
)

// ever is a range that holds all rows of the tests.
var ever = url.Values{"from": {"2010-01-01"}, "to": {"2100-01-01"}, "interval": {"year"}}

// TestImportedCommunity brings the real files in through the front door once,
// since that is the slow part, and asks all its questions of the result.
func TestImportedCommunity(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	for _, file := range []string{community, accessLog} {
		if errOut := importFile(t, s, file); !strings.Contains(errOut, " 0 duplicates, 0 rejected") {
			t.Errorf("import of %s: %s", file, errOut)
		}
	}
	t.Run("AnswersEqualTheOracleInEveryZone", func(t *testing.T) { equalsOracle(t, s) })
	t.Run("TheDashboardShows", func(t *testing.T) { dashboardShows(t, s) })
	t.Run("ASecondImportChangesNoNumber", func(t *testing.T) { secondImport(t, s) })
	// From here on the community has more than its files.
	t.Run("TheExamplesOfTheDocumentationAreItsAnswers", func(t *testing.T) { answersTheExamples(t, s) })
	t.Run("EveryRequestOfTheHTTPFileIsAnsweredWithTheDocumentedStatus", func(t *testing.T) { answersTheFile(t, s) })
	t.Run("ARestartStillKnowsTheIds", func(t *testing.T) {
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		again := serve(t, s.dir)
		r := again.post("/api/v1/events", again.keys["write"], ndjson,
			[]byte(`{"id":"a9f369a7c23f00fa077fd8295b50c020","type":"user_signup","user_id":"79368723b8d1"}`))
		if !strings.Contains(string(r.body), `"duplicates":1`) {
			t.Errorf("%d %s", r.status, r.body)
		}
	})
}

func importFile(t *testing.T, s *instance, file string) string {
	t.Helper()
	_, errOut, err := tryIbarura(t, "import", file, "--url", s.base, "--key", s.keys["write"], "--state-dir", t.TempDir())
	if err != nil {
		t.Fatalf("import of %s: %v\n%s", file, err, errOut)
	}
	return errOut
}

func secondImport(t *testing.T, s *instance) {
	overviews := func() map[string]any {
		answers := map[string]any{}
		for _, path := range []string{"users", "posts", "events", "summary"} {
			var data any
			s.data("/api/v1/analytics/"+path, ever, &data)
			answers[path] = data
		}
		return answers
	}
	before := overviews()
	for _, file := range []string{community, accessLog} {
		if errOut := importFile(t, s, file); !strings.Contains(errOut, " 0 accepted") {
			t.Errorf("the second import of %s: %s", file, errOut)
		}
	}
	if diff := cmp.Diff(before, overviews()); diff != "" {
		t.Error(diff)
	}
	if n := s.typeCounts("2010-01-01", "2100-01-01")["post_created"]; n != 7107 {
		t.Errorf("%d posts were created, want 7107", n)
	}
}

// metric is a path of the API, the same in the words of oracle.py, and ours.
type metric struct {
	path, python string
	ours         func([]oracle.Event, oracle.Question) any
}

var metrics = []metric{
	{"users/active", "active_users", func(e []oracle.Event, q oracle.Question) any { return oracle.ActiveUsers(e, q) }},
	{"users/growth", "growth", func(e []oracle.Event, q oracle.Question) any { return oracle.UserGrowth(e, q) }},
	{"users/lifecycle", "lifecycle", func(e []oracle.Event, q oracle.Question) any { return oracle.LifecycleOf(e, q) }},
	{"users/stickiness", "stickiness", func(e []oracle.Event, q oracle.Question) any { return oracle.StickinessHistogram(e, q) }},
	{"events/types", "events", func(e []oracle.Event, q oracle.Question) any { return oracle.Types(e, q) }},
	{"posts/top", "posts", func(e []oracle.Event, q oracle.Question) any { return oracle.Posts(e, q) }},
	{"tags/top", "tags", func(e []oracle.Event, q oracle.Question) any { return oracle.Tags(e, q) }},
}

// equalsOracle asks every metric in every zone and every way. Our own oracle
// answers all of that; the one in Python, which reads the file anew for every
// question, each metric once in every zone, and at least once in every way.
func equalsOracle(t *testing.T, s *instance) {
	events := loadCommunity(t)
	for z, zone := range []string{"UTC", "Africa/Kigali", "Asia/Kathmandu", "America/New_York"} {
		for w, q := range []url.Values{
			{"interval": {"month"}, "from": {"2010-01-01"}, "to": {"2027-01-01"}},
			{"interval": {"week"}, "from": {"2013-11-05"}, "to": {"2014-04-10"}, "role": {"core"}, "limit": {"7"}},
			{"interval": {"day"}, "from": {"2012-02-20"}, "to": {"2012-03-20"}, "role": {"member"}},
		} {
			q.Set("timezone", zone)
			for i, m := range metrics {
				var got any
				s.data("/api/v1/analytics/"+m.path, q, &got)
				answers := map[string]any{"our oracle": ourAnswer(t, m, events, q)}
				if (z+i)%3 == w {
					if answer, there := pythonsAnswer(t, m, q); there {
						answers["oracle.py"] = answer
					}
				}
				for name, want := range answers {
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s?%s: %s (-), API (+):\n%s", m.path, q.Encode(), name, diff)
					}
				}
			}
		}
	}
}

func limitOf(q url.Values) int {
	if limit, err := strconv.Atoi(q.Get("limit")); err == nil {
		return limit
	}
	return 10
}

func ourAnswer(t *testing.T, m metric, events []oracle.Event, q url.Values) any {
	t.Helper()
	zone, err := time.LoadLocation(q.Get("timezone"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(m.ours(events, oracle.Question{
		Zone: zone, Interval: q.Get("interval"), From: q.Get("from"), To: q.Get("to"), Role: q.Get("role"), Limit: limitOf(q),
	}))
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, text)
}

// pythonsAnswer asks the independent oracle, if it lies beside the checkout.
func pythonsAnswer(t *testing.T, m metric, q url.Values) (answer any, there bool) {
	t.Helper()
	script := sharedOracle()
	if script == "" {
		return nil, false
	}
	args := []string{script, community, m.python, "--tz", q.Get("timezone"), "--interval", q.Get("interval"),
		"--from", q.Get("from"), "--to", q.Get("to"), "--limit", strconv.Itoa(limitOf(q))}
	if q.Has("role") {
		args = append(args, "--role", q.Get("role"))
	}
	text, err := exec.Command("python3", args...).Output()
	if err != nil {
		t.Fatalf("oracle.py: %v", err)
	}
	return parsed(t, text), true
}

// sharedOracle finds the independent oracle beside the checkout.
func sharedOracle() string {
	dir := os.Getenv("IBARURA_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	script := filepath.Join(dir, "oracle", "oracle.py")
	if _, err := os.Stat(script); err != nil {
		return ""
	}
	return script
}

func parsed(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func loadCommunity(t *testing.T) []oracle.Event {
	t.Helper()
	file, err := os.Open(community)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	events, err := oracle.Load(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	return events
}
