package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

const queryPath = "/api/v1/analytics/query"

func TestAQueryIsReadFromItsBody(t *testing.T) {
	f := newFixture(t)
	a := f.do(t, http.MethodPost, queryPath, "read", strings.NewReader(`{"metrics":["events","page_views"],"dimensions":["period","role"],
		"filters":["and",["eq","role","core"],["not",["in","role",["a","b"]]]],"order":["-events"],"explain":true,
		"from":"2026-01-01","to":"2026-02-01","interval":"week","timezone":"Asia/Kathmandu","limit":5,"max_age":"60"}`))
	var got struct {
		Meta struct {
			From, To, Interval, Timezone string
			Question                     json.RawMessage
		}
		Explain []struct {
			SQL        string
			Parameters map[string]string
		}
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	const echoed = `{"metrics":["events","page_views"],"dimensions":["period","role"],"filters":["and",["eq","role","core"],["not",["in","role",["a","b"]]]],"order":["-events"]}`
	if m := got.Meta; string(m.Question) != echoed || m.From != "2026-01-01" || m.To != "2026-02-01" || m.Interval != "week" || m.Timezone != "Asia/Kathmandu" {
		t.Errorf("understood as %s", a.body)
	}
	if len(got.Explain) != 1 || got.Explain[0].Parameters["project"] != "p" || got.Explain[0].Parameters["limit"] != "6" {
		t.Errorf("explained as %+v", got.Explain)
	}
}

func TestABodyThatIsNoQuerySaysWhere(t *testing.T) {
	f := newFixture(t)
	for body, want := range map[string]struct {
		status      int
		code, field string
	}{
		``:                                     {400, "invalid_query", ""},
		`[]`:                                   {400, "invalid_query", ""},
		`{"metrics":["events"]`:                {400, "invalid_query", ""},
		`{"metrics":"events"}`:                 {400, "invalid_query", "metrics"},
		`{"metrics":["events"],"m":1}`:         {400, "invalid_query", "m"},
		`{"metrics":["events",7]}`:             {400, "invalid_query", "metrics/1"},
		`{"metrics":[],"metrics":["x"]}`:       {400, "invalid_query", ""},
		`{"metrics":["x"]}`:                    {400, "invalid", "metrics/0"},
		`{}`:                                   {400, "out_of_range", "metrics"},
		`{"metrics":["events"],"limit":0}`:     {400, "invalid_parameter", "limit"},
		`{"metrics":["events"],"limit":10001}`: {400, "out_of_range", "limit"},
		`{"metrics":["events"],"from":"yesterday"}`:                    {400, "invalid_parameter", "from"},
		`{"metrics":["events"],"timezone":"Mars/Olympus"}`:             {400, "invalid_parameter", "timezone"},
		`{"metrics":["events"],"filters":["eq","role"]}`:               {400, "out_of_range", "filters"},
		`{"metrics":["events"],"filters":{"role":"core"}}`:             {400, "invalid", "filters"},
		`{"metrics":["` + strings.Repeat("x", 1<<16) + `"]}`:           {413, "body_too_large", ""},
		`{"metrics":["events"],"filters":` + strings.Repeat("[", 5000): {400, "invalid_query", ""},
	} {
		a := f.do(t, http.MethodPost, queryPath, "read", strings.NewReader(body))
		if a.status != want.status || a.Code != want.code || want.field != "" && a.Field != want.field {
			t.Errorf("%.60s: %d %s %q, want %+v", body, a.status, a.Code, a.Field, want)
		}
	}
	if a := f.do(t, http.MethodPost, queryPath, "write", strings.NewReader(`{"metrics":["events"]}`)); a.status != http.StatusForbidden {
		t.Errorf("a write key is answered %d", a.status)
	}
}

func TestWhatCanBeAskedIsListed(t *testing.T) {
	a := newFixture(t).do(t, http.MethodGet, queryPath, "read", nil)
	var names struct {
		Metrics []struct {
			Key, Sentence string
			Dimensions    []string
		}
		Dimensions []struct{ Key string }
		Operators  []string
	}
	if err := json.Unmarshal([]byte(a.body), &names); err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if len(names.Metrics) < 20 || len(names.Dimensions) < 20 || len(names.Operators) < 10 || names.Metrics[0].Sentence == "" || len(names.Metrics[0].Dimensions) == 0 {
		t.Errorf("%s", a.body)
	}
}
