package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ibarura/internal/oracle"
)

// asking is a question as a client asks it.
type asking struct {
	inquiry inquiry
	query   url.Values
}

// answered is the answer to a question, and the question as the oracle takes
// it: at the moment at which the answer says that it was given.
type answered struct {
	asking
	question oracle.Question
	envelope
}

type envelope struct {
	parts
	Compare *struct {
		From, To string
		parts
	}
	Meta meta
}

// parts are the numbers of an answer.
type parts struct {
	Data    json.RawMessage `json:"data"`
	Summary json.RawMessage `json:"summary"`
}

// meta is the contract of an answer, as far as the oracle knows it too.
type meta struct {
	From, To, Interval, Timezone string
	Exact                        bool
	Partial                      []string
	AsOf                         time.Time `json:"as_of"`
	NextCursor                   string    `json:"next_cursor"`
}

// spans are the lengths of ranges in days, by interval.
var spans = map[string][]int{
	"hour": {1, 2, 3}, "day": {1, 7, 30, 45}, "week": {1, 7, 28, 100}, "month": {1, 31, 92, 400}, "quarter": {30, 92, 500}, "year": {1, 365, 1000},
}

// genAsking draws a range about the time of the world, its edges anywhere or
// where periods begin, in a zone that is often the project's.
func genAsking(t *rapid.T, w world, i inquiry) asking {
	zone := w.zone
	if rapid.IntRange(0, 2).Draw(t, "another zone") == 2 {
		zone = rapid.SampledFrom(moments).Draw(t, "zone").zone
	}
	interval := rapid.SampledFrom([]string{"day", "week", "month", "hour", "quarter", "year"}).Draw(t, "interval")
	days := rapid.SampledFrom(spans[interval]).Draw(t, "days")
	from, to := genRange(t, w.around.In(location(zone)), days)
	q := url.Values{
		"timezone": {zone}, "interval": {interval}, "from": {from}, "to": {to},
		"limit": {strconv.Itoa(rapid.SampledFrom([]int{10, 1, 3, 100}).Draw(t, "limit"))},
	}
	for _, f := range filters {
		kind, _, _ := strings.Cut(f.name, ".")
		if i.endpoint().Fields.By(kind) && rapid.IntRange(0, 4).Draw(t, "filter by "+f.name) == 4 {
			q.Set(f.name, rapid.SampledFrom(f.values).Draw(t, f.name))
		}
	}
	if compare := zipf(t, "compare", "", "previous", "year"); compare != "" {
		q.Set("compare", compare)
	}
	if i.draw != nil {
		i.draw(t, q)
	}
	return asking{i, q}
}

// genRange draws local dates so many days apart, or whole months.
func genRange(t *rapid.T, around time.Time, days int) (from, to string) {
	year, month, day := around.Date()
	first := time.Date(year, month, day, 0, 0, 0, 0, time.UTC) // a date, whatever the zone does on it
	first = first.AddDate(0, 0, -rapid.IntRange(0, days).Draw(t, "days before"))
	switch zipf(t, "edges", "anywhere", "from the first", "whole months") {
	case "from the first":
		first = first.AddDate(0, 0, 1-first.Day())
	case "whole months":
		first = first.AddDate(0, 0, 1-first.Day())
		days = int(first.AddDate(0, 1+days/31, 0).Sub(first).Hours()) / 24
	}
	if earliest := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC); first.Before(earliest) {
		first = earliest
	}
	return first.Format(time.DateOnly), first.AddDate(0, 0, days).Format(time.DateOnly)
}

// filters are what can narrow down a question, with values that occur.
var filters = []struct {
	name   string
	values []string
}{
	{"role", []string{"member", "core", "nobody has it"}},
	{"type", []string{"login", "comment_added", "notification_sent"}},
	{"object_type", []string{"post", "event"}},
	{"tag", []string{"go", "ü"}},
	{"property.plan", []string{"free", "it's"}},
	{"device", []string{"desktop", "mobile"}},
	{"browser", []string{"Chrome", "Firefox"}},
	{"country", []string{"RW", "KE"}},
	{"bot", []string{"true", "false"}},
}

// ask asks and decodes the envelope.
func (a asking) ask(t *rapid.T, s *instance, key string) answered {
	path := "/api/v1/analytics/" + a.inquiry.path
	r := s.getAs(key, path, a.query)
	if r.status != http.StatusOK {
		t.Fatalf("GET %s?%s: %d %s\n%s", path, a.query.Encode(), r.status, r.body, s.logged(r.header.Get("X-Request-Id")))
	}
	var e envelope
	if err := json.Unmarshal(r.body, &e); err != nil {
		t.Fatalf("GET %s: %v in %s", path, err, r.body)
	}
	return answered{a, a.forOracle(e.Meta.AsOf), e}
}

// logged returns what was logged of a request, which may be a moment after its
// answer.
func (s *instance) logged(request string) string {
	var lines []string
	waitFor(s.t, "the request is logged", func() bool {
		for line := range strings.Lines(s.log.String()) {
			if strings.Contains(line, request) {
				lines = append(lines, line)
			}
		}
		return len(lines) > 0
	})
	return strings.Join(lines, "")
}

func (a asking) forOracle(now time.Time) oracle.Question {
	q := oracle.Question{
		Zone: location(a.query.Get("timezone")), Interval: a.query.Get("interval"),
		From: a.query.Get("from"), To: a.query.Get("to"), Now: now, Limit: limitOf(a.query), Passive: passiveTypes,
		Role: a.query.Get("role"), Type: a.query.Get("type"), ObjectType: a.query.Get("object_type"), Tag: a.query.Get("tag"),
		Device: a.query.Get("device"), Browser: a.query.Get("browser"), Country: a.query.Get("country"), Bot: a.query.Get("bot"),
	}
	if plan := a.query.Get("property.plan"); plan != "" {
		q.Properties = map[string]string{"plan": plan}
	}
	if a.inquiry.fixed != "" {
		q.Interval = a.inquiry.fixed
	}
	return q.With(a.options())
}

// options are the parameters that the path alone has.
func (a asking) options() map[string]string {
	options := map[string]string{}
	for _, o := range a.inquiry.endpoint().Options {
		if a.query.Has(o.Name) {
			options[o.Name] = a.query.Get(o.Name)
		}
	}
	return options
}

// difference compares the whole answer with the oracle's; empty if equal.
func (a answered) difference(w world) string {
	return against(a.want(w, a.question), a.parts) + a.contract() + a.comparison(w)
}

func (a answered) want(w world, q oracle.Question) any {
	q.Stored = location(w.zone)
	return oracle.Paths[a.inquiry.path](w.known(), w.seen(), q)
}

// against compares the oracle's answer with what the API answered: with the
// data, and where there is one with its summary.
func against(want any, got parts) string {
	if summed, is := want.(oracle.Summed); is {
		return cmp.Diff(plainOf(summed.Data), plain(got.Data)) + cmp.Diff(plainOf(summed.Summary), plain(got.Summary))
	}
	if got.Summary != nil {
		return "a summary that the oracle has not"
	}
	return cmp.Diff(plainOf(want), plain(got.Data))
}

// plainOf is a value as it is read from JSON.
func plainOf(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return plain(text)
}

// contract compares what the answer says of itself.
func (a answered) contract() string {
	want := meta{
		From: a.question.From, To: a.question.To, Timezone: a.query.Get("timezone"), Exact: true,
		AsOf: a.Meta.AsOf, NextCursor: a.Meta.NextCursor, Partial: []string{},
	}
	switch {
	case a.inquiry.endpoint().Series && a.inquiry.whole:
		want.Interval, want.Partial = a.question.Interval, oracle.Unfinished(a.question)
	case a.inquiry.endpoint().Series:
		want.Interval, want.Partial = a.question.Interval, oracle.Partial(a.question)
	case a.question.To > a.question.Now.In(a.question.Zone).Format(time.DateOnly):
		want.Partial = []string{a.question.From}
	}
	return cmp.Diff(want, a.Meta)
}

// comparison compares the answer about the other range, if one was asked for
// and there were days then.
func (a answered) comparison(w world) string {
	q := a.question
	switch a.query.Get("compare") {
	case "previous":
		q = q.Previous()
	case "year":
		q = q.LastYear()
	}
	missing := q.From == a.question.From || q.From < "1970-01-01" || q.To <= q.From
	switch {
	case missing && a.Compare != nil:
		return "compared with " + a.Compare.From
	case missing:
		return ""
	case a.Compare == nil:
		return "not compared with " + q.From
	}
	return cmp.Diff([]string{q.From, q.To}, []string{a.Compare.From, a.Compare.To}) + against(a.want(w, q), a.Compare.parts)
}

func plain(text []byte) any {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return err.Error()
	}
	return v
}

func location(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // the tests' own table has a name that no zone has
	}
	return zone
}
