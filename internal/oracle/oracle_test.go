package oracle_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
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

var update = flag.Bool("update", false, "write testdata/golden.json from the answers of oracle.py")

const (
	root       = "../.."
	goldenFile = "testdata/golden.json"
)

// asked is a question in the words of oracle.py, and its answer.
type asked struct {
	Metric   string          `json:"metric"`
	Zone     string          `json:"tz"`
	Interval string          `json:"interval"`
	From     string          `json:"from"`
	To       string          `json:"to"`
	Role     string          `json:"role,omitempty"`
	Limit    int             `json:"limit,omitempty"`
	Kind     string          `json:"kind,omitempty"`
	Periods  int             `json:"periods,omitempty"`
	AsOf     string          `json:"as_of,omitempty"`
	Steps    string          `json:"steps,omitempty"`
	Window   int             `json:"window_days,omitempty"`
	Answer   json.RawMessage `json:"answer,omitempty"`
}

// questions are few for the golden file and cover each metric, zone, interval,
// role and cut range at least once.
func questions() []asked {
	return []asked{
		{Metric: "active_users", Zone: "UTC", Interval: "year", From: "2010-01-01", To: "2027-01-01"},
		{Metric: "active_users", Zone: "Africa/Kigali", Interval: "month", From: "2012-01-01", To: "2013-01-01", Role: "core"},
		{Metric: "active_users", Zone: "Asia/Kathmandu", Interval: "week", From: "2014-02-05", To: "2014-04-10"},
		{Metric: "active_users", Zone: "Pacific/Apia", Interval: "day", From: "2011-12-20", To: "2012-01-10"},
		{Metric: "active_users", Zone: "America/St_Johns", Interval: "day", From: "2011-10-25", To: "2011-11-15"},
		{Metric: "growth", Zone: "America/New_York", Interval: "quarter", From: "2012-05-17", To: "2014-08-03"},
		{Metric: "growth", Zone: "Australia/Lord_Howe", Interval: "week", From: "2013-03-27", To: "2013-05-01", Role: "core"},
		{Metric: "events", Zone: "UTC", Interval: "month", From: "2010-01-01", To: "2027-01-01"},
		{Metric: "events", Zone: "Asia/Kathmandu", Interval: "month", From: "2015-06-03", To: "2015-09-14", Role: "member"},
		{Metric: "posts", Zone: "America/New_York", Interval: "month", From: "2012-01-01", To: "2012-07-01", Limit: 25},
		{Metric: "posts", Zone: "Africa/Kigali", Interval: "month", From: "2016-01-04", To: "2016-03-07", Role: "core", Limit: 10},
		{Metric: "tags", Zone: "Pacific/Apia", Interval: "month", From: "2011-12-01", To: "2012-02-01", Limit: 10},
		{Metric: "tags", Zone: "UTC", Interval: "month", From: "2010-01-01", To: "2027-01-01", Role: "member", Limit: 40},
		{Metric: "lifecycle", Zone: "Asia/Kathmandu", Interval: "day", From: "2014-02-05", To: "2014-04-10"},
		{Metric: "lifecycle", Zone: "America/New_York", Interval: "week", From: "2012-12-20", To: "2013-02-03", Role: "core"},
		{Metric: "lifecycle", Zone: "Africa/Kigali", Interval: "month", From: "2010-11-11", To: "2027-01-01"},
		{Metric: "lifecycle", Zone: "UTC", Interval: "quarter", From: "2011-01-01", To: "2016-01-01", Role: "member"},
		{Metric: "lifecycle", Zone: "Pacific/Apia", Interval: "year", From: "2011-01-01", To: "2021-01-01"},
		{Metric: "retention", Zone: "UTC", Interval: "month", From: "2012-01-01", To: "2013-01-01", Kind: "on", Periods: 12, AsOf: "2026-09-01"},
		{Metric: "retention", Zone: "Africa/Kigali", Interval: "week", From: "2013-11-05", To: "2014-02-10", Kind: "on_or_after", Periods: 8, AsOf: "2014-03-03"},
		{Metric: "retention", Zone: "Pacific/Apia", Interval: "day", From: "2011-12-20", To: "2012-01-10", Kind: "streak", Periods: 4, AsOf: "2012-01-05"},
		{Metric: "retention", Zone: "Asia/Kathmandu", Interval: "week", From: "2012-02-01", To: "2012-06-01", Kind: "streak", Periods: 6, AsOf: "2012-05-28", Role: "member"},
		{Metric: "retention", Zone: "America/New_York", Interval: "quarter", From: "2011-02-01", To: "2014-06-01", Kind: "on_or_after", Periods: 9, AsOf: "2016-01-01", Role: "core"},
		{Metric: "stickiness", Zone: "UTC", Interval: "month", From: "2012-01-01", To: "2013-01-01"},
		{Metric: "stickiness", Zone: "Australia/Lord_Howe", Interval: "month", From: "2013-03-27", To: "2013-05-01", Role: "member"},
		{Metric: "rolling", Zone: "Pacific/Apia", Interval: "day", From: "2011-12-20", To: "2012-02-10"},
		{Metric: "rolling", Zone: "America/New_York", Interval: "day", From: "2014-02-20", To: "2014-04-20", Role: "core"},
		{Metric: "funnel", Zone: "UTC", Interval: "month", From: "2010-01-01", To: "2027-01-01", Steps: "user_signup,post_created,comment_added", Window: 14},
		{Metric: "funnel", Zone: "Asia/Kathmandu", Interval: "month", From: "2012-03-04", To: "2015-02-01", Steps: "post_created,comment_added", Window: 1, Role: "core"},
		{Metric: "funnel", Zone: "Africa/Kigali", Interval: "month", From: "2011-01-01", To: "2020-01-01", Steps: "comment_added,user_signup", Window: 60},
	}
}

func TestAnswersEqualThoseOfThePythonOracle(t *testing.T) {
	events := community(t)
	for _, a := range pythonAnswers(t) {
		t.Run(a.Metric+"/"+a.Zone+"/"+a.Interval+"/"+a.Kind+a.Role, func(t *testing.T) {
			if diff := cmp.Diff(plain(t, a.Answer), plain(t, encode(t, answer(t, events, a)))); diff != "" {
				t.Errorf("oracle.py (-), ours (+):\n%s", diff)
			}
		})
	}
}

func answer(t *testing.T, events []oracle.Event, a asked) any {
	t.Helper()
	zone, err := time.LoadLocation(a.Zone)
	if err != nil {
		t.Fatal(err)
	}
	q := oracle.Question{
		Zone: zone, Interval: a.Interval, From: a.From, To: a.To, Role: a.Role, Limit: a.Limit,
		Kind: a.Kind, Periods: a.Periods, Now: noon(t, a.AsOf, zone),
		Steps: strings.Split(a.Steps, ","), Window: time.Duration(a.Window) * 24 * time.Hour,
	}
	switch a.Metric {
	case "active_users":
		return oracle.ActiveUsers(events, q)
	case "growth":
		return oracle.UserGrowth(events, q)
	case "events":
		return oracle.Types(events, q)
	case "posts":
		return oracle.Posts(events, q)
	case "tags":
		return oracle.Tags(events, q)
	case "lifecycle":
		return oracle.LifecycleOf(events, q)
	case "retention":
		return oracle.Retention(events, q)
	case "stickiness":
		return oracle.StickinessHistogram(events, q)
	case "rolling":
		return oracle.RollingUsers(events, q)
	case "funnel":
		return oracle.Funnel(events, q)
	}
	t.Fatalf("no metric %q", a.Metric)
	return nil
}

// noon of a date, or no moment without one.
func noon(t *testing.T, date string, zone *time.Location) time.Time {
	t.Helper()
	if date == "" {
		return time.Time{}
	}
	at, err := time.ParseInLocation(time.DateOnly, date, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at.Add(12 * time.Hour)
}

// pythonAnswers asks oracle.py where shared/ lies beside the checkout, and
// otherwise reads what it answered when the golden file was written.
func pythonAnswers(t *testing.T) []asked {
	t.Helper()
	shared := os.Getenv("IBARURA_SHARED")
	if shared == "" {
		shared = filepath.Join(root, "..", "shared")
	}
	script := filepath.Join(shared, "oracle", "oracle.py")
	if _, err := os.Stat(script); errors.Is(err, fs.ErrNotExist) {
		return goldenAnswers(t)
	}
	if answered == nil {
		answered = questions()
		for i := range answered {
			answered[i].Answer = runPython(t, script, answered[i])
		}
	}
	if *update {
		if err := os.WriteFile(goldenFile, encode(t, answered), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return answered
}

// answered keeps what oracle.py said, as asking it takes seconds.
var answered []asked

func goldenAnswers(t *testing.T) []asked {
	t.Helper()
	text, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	var list []asked
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != len(questions()) {
		t.Fatalf("%s answers %d questions, there are %d; run with -update beside shared/", goldenFile, len(list), len(questions()))
	}
	return list
}

func runPython(t *testing.T, script string, a asked) json.RawMessage {
	t.Helper()
	args := []string{script, filepath.Join(root, "testdata", "community.ndjson.gz"), a.Metric,
		"--tz", a.Zone, "--interval", a.Interval, "--from", a.From, "--to", a.To}
	for option, value := range map[string]string{"--role": a.Role, "--kind": a.Kind, "--as-of": a.AsOf, "--steps": a.Steps} {
		if value != "" {
			args = append(args, option, value)
		}
	}
	for option, value := range map[string]int{"--limit": a.Limit, "--periods": a.Periods, "--window-days": a.Window} {
		if value != 0 {
			args = append(args, option, strconv.Itoa(value))
		}
	}
	command := exec.CommandContext(t.Context(), "python3", args...)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("python3 %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return out
}

// TestGoldenAnswersAreCurrent keeps the golden file worth comparing with where
// oracle.py is not at hand.
func TestGoldenAnswersAreCurrent(t *testing.T) {
	want := pythonAnswers(t)
	if diff := cmp.Diff(plain(t, encode(t, want)), plain(t, encode(t, goldenAnswers(t)))); diff != "" {
		t.Errorf("oracle.py (-), %s (+), run with -update:\n%s", goldenFile, diff)
	}
}

func community(t *testing.T) []oracle.Event {
	t.Helper()
	file, err := os.Open(filepath.Join(root, "testdata", "community.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	events, err := oracle.Load(plain)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// plain decodes JSON, so that only its meaning is compared.
func plain(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
