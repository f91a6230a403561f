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
	}
}

func TestAnswersEqualThoseOfThePythonOracle(t *testing.T) {
	events := community(t)
	for _, a := range pythonAnswers(t) {
		t.Run(a.Metric+"/"+a.Zone+"/"+a.Interval+"/"+a.Role, func(t *testing.T) {
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
	q := oracle.Question{Zone: zone, Interval: a.Interval, From: a.From, To: a.To, Role: a.Role, Limit: a.Limit}
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
	}
	t.Fatalf("no metric %q", a.Metric)
	return nil
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
	if a.Role != "" {
		args = append(args, "--role", a.Role)
	}
	if a.Limit != 0 {
		args = append(args, "--limit", strconv.Itoa(a.Limit))
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
