package report_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ibarura/internal/report"
)

// holds is a filter by brute force.
func holds(tuple []any, f fact) bool {
	op := tuple[0].(string)
	switch op {
	case "and":
		return !slices.ContainsFunc(tuple[1:], func(of any) bool { return !holds(of.([]any), f) })
	case "or":
		return slices.ContainsFunc(tuple[1:], func(of any) bool { return holds(of.([]any), f) })
	case "not":
		return !holds(tuple[1].([]any), f)
	}
	on, values := tuple[1].(string), []string{}
	for _, v := range tuple[2:] {
		switch v := v.(type) {
		case string:
			values = append(values, v)
		case []any:
			for _, each := range v {
				values = append(values, each.(string))
			}
		}
	}
	if on != "tag" {
		return compares(op, f.columns[on], values)
	}
	denied := map[string]string{"ne": "eq", "not_in": "in", "not_set": "set"}[op]
	if denied != "" {
		return !slices.ContainsFunc(f.tags, func(tag string) bool { return compares(denied, tag, values) })
	}
	return slices.ContainsFunc(f.tags, func(tag string) bool { return compares(op, tag, values) })
}

func compares(op, have string, values []string) bool {
	switch op {
	case "eq", "in":
		return slices.Contains(values, have)
	case "ne", "not_in":
		return !slices.Contains(values, have)
	case "contains":
		return strings.Contains(have, values[0])
	case "prefix":
		return strings.HasPrefix(have, values[0])
	case "suffix":
		return strings.HasSuffix(have, values[0])
	case "set":
		return have != ""
	case "not_set":
		return have == ""
	}
	a, err := strconv.ParseFloat(have, 64)
	b, _ := strconv.ParseFloat(values[0], 64)
	return err == nil && map[string]bool{"gt": a > b, "gte": a >= b, "lt": a < b, "lte": a <= b}[op]
}

// randomTuple draws a filter over the columns of events or of page views.
func randomTuple(t *rapid.T, columns []string, list []fact, depth int) []any {
	op := rapid.SampledFrom([]string{"and", "or", "not", "eq", "ne", "in", "not_in", "contains", "prefix", "suffix", "set", "not_set", "gt", "lte"}).Draw(t, "op")
	if depth > 3 && (op == "and" || op == "or" || op == "not") {
		op = "eq"
	}
	tuple := []any{op}
	switch op {
	case "and", "or":
		for range rapid.IntRange(1, 3).Draw(t, "joined") {
			tuple = append(tuple, randomTuple(t, columns, list, depth+1))
		}
		return tuple
	case "not":
		return append(tuple, randomTuple(t, columns, list, depth+1))
	case "gt", "lte":
		return append(tuple, "property.plan", rapid.SampledFrom([]string{"7", "8.5", "12.5"}).Draw(t, "number"))
	}
	on := rapid.SampledFrom(columns).Draw(t, "on")
	tuple = append(tuple, on)
	value := func() any { return rapid.SampledFrom(list).Draw(t, "like").columns[on] }
	if on == "tag" {
		value = func() any { return rapid.SampledFrom([]string{"go", "sql", "none"}).Draw(t, "tag") }
	}
	switch op {
	case "set", "not_set":
		return tuple
	case "in", "not_in":
		return append(tuple, []any{value(), value()})
	}
	return append(tuple, value())
}

func TestRandomFiltersEqualBruteForce(t *testing.T) {
	s, _ := service(t)
	storeFacts(t)
	list := facts()
	of := map[string][]string{
		"events": {"type", "role", "object_type", "object_id", "tag", "user_id", "property.plan"}, "active_users": {"role", "type", "tag"},
		"page_views": {"role", "path", "country", "device", "utm_source", "user_id", "property.plan"}, "object_events": {"object_type", "object_id"},
		"active_events": {"tag", "type"}, "signups": {"type", "role"},
	}
	metrics := slices.Sorted(func(yield func(string) bool) {
		for m := range of {
			if !yield(m) {
				return
			}
		}
	})
	a := asked{"America/New_York", "month", "2025-10-21", "2026-01-12", ""}
	rapid.Check(t, func(rt *rapid.T) {
		metric := rapid.SampledFrom(metrics).Draw(rt, "metric")
		tuple := randomTuple(rt, of[metric], list, 1)
		where, err := report.ParseCondition(any(tuple))
		if err != nil {
			rt.Fatal(err)
		}
		dims := rapid.SampledFrom([][]string{{}, {"period"}, {"role"}, {"weekday"}}).Draw(rt, "dimensions")
		if metric == "object_events" && len(dims) > 0 {
			dims = []string{"period"}
		}
		project := rapid.SampledFrom(factZones).Draw(rt, "project")
		answer, err := s.Query(t.Context(), a.forService(t, "facts "+project, project), report.Query{Metrics: []string{metric}, Dimensions: dims, Where: where})
		if err != nil {
			rt.Fatalf("%v: %v", tuple, err)
		}
		want := bruteForce(list, metric, dims, a, location(t, a.zone), func(f fact) bool { return holds(tuple, f) })
		if diff := cmp.Diff(want, asRows(t, answer, metric, dims), nearly); diff != "" {
			rt.Errorf("%s by %v where %v of %s, from %v: brute force (-), query (+):\n%s", metric, dims, tuple, project, answer.Meta.Source, diff)
		}
	})
}

func TestAConditionIsEchoedAsItIsRead(t *testing.T) {
	const text = `["and",["eq","role","core"],["not",["in","type",["a","b"]]],["or",["set","tag"],["gt","property.n","3"]]]`
	var tuple any
	if err := json.Unmarshal([]byte(text), &tuple); err != nil {
		t.Fatal(err)
	}
	c, err := report.ParseCondition(tuple)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(c)
	if err != nil || string(got) != text {
		t.Errorf("%s, %v", got, err)
	}
}

func TestAWrongQueryIsToldItsFieldAndBound(t *testing.T) {
	s, _ := service(t)
	many := make([]string, 11)
	for i, m := range report.Metrics()[:11] {
		many[i] = m.Key
	}
	events := []string{"events"}
	for _, c := range []struct {
		ask     report.Query
		field   string
		message string
	}{
		{report.Query{}, "metrics", "1 to 10"},
		{report.Query{Metrics: many}, "metrics", "1 to 10"},
		{report.Query{Metrics: []string{"nothing"}}, "metrics/0", "events"},
		{report.Query{Metrics: []string{"events", "events"}}, "metrics/1", "again"},
		{report.Query{Metrics: events, Dimensions: []string{"colour"}}, "dimensions/0", "property.NAME"},
		{report.Query{Metrics: events, Dimensions: []string{"property"}}, "dimensions/0", "property.NAME"},
		{report.Query{Metrics: events, Dimensions: []string{"role", "role"}}, "dimensions/1", "again"},
		{report.Query{Metrics: events, Dimensions: []string{"role", "type", "tag", "period", "weekday"}}, "dimensions", "limit is 4"},
		{report.Query{Metrics: events, Dimensions: []string{"path"}}, "dimensions", "object_type"},
		{report.Query{Metrics: []string{"new_users"}, Dimensions: []string{"role"}}, "dimensions", "alone"},
		{report.Query{Metrics: events, Order: []string{"-role"}}, "order/0", "none of"},
		{report.Query{Metrics: events, Order: []string{"events", "-events"}}, "order/1", "again"},
		{report.Query{Metrics: []string{"page_views"}, Where: &report.Condition{Op: "eq", On: "type", Values: []string{"x"}}}, "filters", "page_views"},
	} {
		_, err := s.Query(t.Context(), asked{"UTC", "day", "2026-01-01", "2026-02-01", ""}.forService(t, "UTC", "UTC"), c.ask)
		var wrong *report.QuestionError
		if !errors.As(err, &wrong) || wrong.Field != c.field || !strings.Contains(wrong.Message, c.message) {
			t.Errorf("%+v: %v; want %s: …%s…", c.ask, err, c.field, c.message)
		}
	}
}

func TestHoursOfTheDayHaveTheBoundOfASeries(t *testing.T) {
	s, _ := service(t)
	q := asked{"UTC", "day", "2016-01-01", "2026-02-01", ""}.forService(t, "UTC", "UTC")
	_, err := s.Query(t.Context(), q, report.Query{Metrics: []string{"events"}, Dimensions: []string{"hour_of_day"}})
	var wrong *report.QuestionError
	if !errors.As(err, &wrong) || wrong.Code != report.CodeTooMany || wrong.Field != "dimensions" {
		t.Errorf("error %v", err)
	}
}

func TestAWrongFilterIsToldItsPlaceAndBound(t *testing.T) {
	deep := any([]any{"set", "role"})
	for range 7 {
		deep = []any{"not", deep}
	}
	wide := []any{"or"}
	for range 51 {
		wide = append(wide, []any{"set", "role"})
	}
	listed := make([]any, 101)
	for i := range listed {
		listed[i] = strconv.Itoa(i)
	}
	for _, c := range []struct {
		tuple   any
		field   string
		message string
	}{
		{"role", "filters", "list"},
		{[]any{}, "filters", "operator"},
		{[]any{"like", "role", "x"}, "filters/0", "not_in"},
		{[]any{"eq"}, "filters", "lacks"},
		{[]any{"eq", "period", "x"}, "filters/1", "role"},
		{[]any{"eq", "role"}, "filters", "1 to 1"},
		{[]any{"eq", "role", "a", "b"}, "filters", "1 to 1"},
		{[]any{"eq", "role", nil}, "filters", "neither"},
		{[]any{"in", "role", "a"}, "filters/2", "list"},
		{[]any{"in", "role", []any{}}, "filters/2", "1 to 100"},
		{[]any{"in", "role", listed}, "filters/2", "101"},
		{[]any{"gt", "property.n", "many"}, "filters", "no number"},
		{[]any{"eq", "role", strings.Repeat("x", 257)}, "filters", "256"},
		{[]any{"eq", "role", "a\x00"}, "filters", "NUL"},
		{[]any{"and", []any{"set", "role"}, []any{"eq", "role", 1.5, 2.0}}, "filters/2", "1 to 1"},
		{[]any{"not", []any{"set", "role"}, []any{"set", "role"}}, "filters", "not takes one"},
		{deep, "filters/1/1/1/1/1/1", "6"},
		{wide, "filters", "50"},
	} {
		_, err := report.ParseCondition(c.tuple)
		var wrong *report.QuestionError
		if !errors.As(err, &wrong) || wrong.Field != c.field || !strings.Contains(wrong.Message, c.message) {
			t.Errorf("%v: %v; want %s: …%s…", c.tuple, err, c.field, c.message)
		}
	}
}

func TestValuesOfAQueryAreNeverSQL(t *testing.T) {
	s, _ := service(t)
	storeFacts(t)
	q := asked{"UTC", "day", "2025-10-01", "2026-03-01", ""}.forService(t, "facts "+factZones[0], factZones[0])
	for _, text := range []string{`'`, `\`, `\'`, "a\tb", "\n", `"`, `{x:String}`, `{v0:Array(String)}`, `']) OR 1=1 --`, `%s`, "ü😀"} {
		for _, op := range []string{"eq", "contains", "prefix"} {
			for _, on := range []string{"role", "tag", "property." + text} {
				where, err := report.ParseCondition([]any{op, on, text})
				if err != nil {
					t.Fatal(err)
				}
				rows := queried(t, s, q, report.Query{Metrics: []string{"events"}, Where: where})
				if rows[0]["events"] != int64(0) {
					t.Errorf("%s %s %q: %v", op, on, text, rows)
				}
			}
		}
	}
}

func FuzzParseCondition(f *testing.F) {
	for _, seed := range []string{`["eq","role","core"]`, `["and",["not",["in","type",["a"]]],["gt","property.n",3]]`, `[[[]]]`, `["not"]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var tuple any
		if json.Unmarshal([]byte(text), &tuple) != nil {
			return
		}
		c, err := report.ParseCondition(tuple)
		var wrong *report.QuestionError
		if err != nil {
			if !errors.As(err, &wrong) || wrong.Field == "" {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		echo, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var again any
		if err := json.Unmarshal(echo, &again); err != nil {
			t.Fatal(err)
		}
		if _, err := report.ParseCondition(again); err != nil {
			t.Fatalf("%q is echoed as %q: %v", text, echo, err)
		}
	})
}
