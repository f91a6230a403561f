package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ibarura/internal/access"
)

// defaultRounds is how many random worlds a plain run makes, a few seconds
// each; `make test-properties ROUNDS=…` makes more.
const defaultRounds = "8"

// TestRandomStreamsAreAnsweredAsTheOracleAnswers sends worlds that are drawn at
// random through the front door, each into a project of its own, and compares
// every question with brute force. What fails is made small, and the seed that
// made it is printed.
func TestRandomStreamsAreAnsweredAsTheOracleAnswers(t *testing.T) {
	fewRounds(t)
	lands := map[string]string{}
	for _, a := range addresses {
		if a.country != "" {
			lands[a.ip+"/32"] = a.country
		}
	}
	s := serve(t, t.TempDir(), "--ingest.batch-age", "1ms", "--tracking.visitors", "none", "--ingest.country-db", countriesOf(t, lands))
	store := access.NewStore(s.asWriter(t))
	var made atomic.Int64
	rapid.Check(t, func(rt *rapid.T) {
		w := genWorld(rt)
		key := foundProject(t, s, store, fmt.Sprint("world-", made.Add(1)), w.zone)
		var questions []asking
		for _, i := range inquiries {
			questions = append(questions, genAsking(rt, w, i))
		}
		for sent := range w.events { // the same questions again once more has come in: no answer may be kept
			w.send(rt, s, key, sent)
			for _, q := range questions {
				q.check(rt, s, key, w.until(sent+1))
			}
		}
	})
}

// foundProject creates a project and returns a key for all of it, once it is
// known.
func foundProject(t *testing.T, s *instance, store *access.Store, name, zone string) string {
	t.Helper()
	if _, err := store.CreateProject(t.Context(), name, zone); err != nil {
		t.Fatal(err)
	}
	_, key, err := store.CreateKey(t.Context(), name, access.Admin, "")
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the key is known", func() bool {
		return s.getAs(key, "/api/v1/analytics/events/types", nil).status == http.StatusOK
	})
	return key
}

// fewRounds makes fewer worlds than rapid's hundred, unless asked otherwise; a
// failure is repeated by its seed, which is printed, and leaves no file.
func fewRounds(t *testing.T) {
	t.Helper()
	preset(t, "rapid.checks", defaultRounds)
	preset(t, "rapid.nofailfile", "true")
}

// preset changes the default of a flag.
func preset(t *testing.T, name, value string) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if given {
		return
	}
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
}

// check compares an answer with the oracle's, and asserts what must hold of it.
func (a asking) check(t *rapid.T, s *instance, key string, w world) {
	got := a.ask(t, s, key)
	diff := got.difference(w)
	if a.inquiry.laws != nil {
		if err := a.inquiry.laws(got); err != nil {
			diff += err.Error()
		}
	}
	if got.Meta.NextCursor != "" {
		diff += a.turnPages(t, s, key, w)
	}
	if diff != "" {
		t.Fatalf("%s?%s in a project of %s: oracle (-), API (+):\n%s", a.inquiry.path, a.query.Encode(), w.zone, diff)
	}
}

// mostPages bounds how far a ranking is followed.
const mostPages = 5

// turnPages follows a ranking by its cursors: the pages, one after the other,
// are the ranking without a limit.
func (a asking) turnPages(t *rapid.T, s *instance, key string, w world) string {
	var pages []any
	query := maps.Clone(a.query)
	query.Del("compare")
	for n := 1; ; n++ {
		got := asking{a.inquiry, query}.ask(t, s, key)
		pages = append(pages, rowsIn(plain(got.Data))...)
		if got.Meta.NextCursor != "" && n < mostPages {
			query.Set("cursor", got.Meta.NextCursor)
			continue
		}
		got.question.Limit *= n
		if diff := cmp.Diff(pages, rowsIn(plainOf(got.want(w, got.question)))); diff != "" && len(pages) > 0 {
			return fmt.Sprintf("%d pages (-), oracle (+):\n%s", n, diff)
		}
		return ""
	}
}

// rowsIn returns the ranking of an answer: all of it, or what it has beside its
// totals.
func rowsIn(data any) []any {
	parts, _ := data.(map[string]any)
	for _, part := range parts {
		if rows, is := part.([]any); is {
			return rows
		}
	}
	rows, _ := data.([]any)
	return rows
}

// send posts one of the world's two parts, and checks that each item is taken
// once.
func (w world) send(t *rapid.T, s *instance, key string, part int) {
	accepted := post(t, s, key, "/api/v1/events", w.events[part])
	accepted += post(t, s, key, "/api/v1/pageviews", w.views[part])
	if want := w.until(part+1).size() - w.until(part).size(); accepted != want {
		t.Fatalf("%d were accepted, %d have ids of their own", accepted, want)
	}
}

// post sends items as lines and returns how many were accepted; all others have
// to be duplicates.
func post[T any](t *rapid.T, s *instance, key, path string, items []T) int {
	if len(items) == 0 {
		return 0
	}
	var body bytes.Buffer
	for _, item := range items {
		if err := json.NewEncoder(&body).Encode(item); err != nil {
			t.Fatal(err)
		}
	}
	r := s.post(path+"?wait=true", key, ndjson, body.Bytes())
	var result struct{ Accepted, Duplicates int }
	if err := json.Unmarshal(r.body, &result); err != nil || r.status != http.StatusOK || result.Accepted+result.Duplicates != len(items) {
		t.Fatalf("POST %s of %d: %d %s", path, len(items), r.status, strings.TrimSpace(string(r.body)))
	}
	return result.Accepted
}
