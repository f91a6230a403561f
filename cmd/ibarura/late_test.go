package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// say posts events and returns the answer once they can be queried.
func say(t *testing.T, s *instance, events ...string) string {
	t.Helper()
	r := s.post("/api/v1/events?wait=true", s.keys["write"], "application/json", []byte("["+strings.Join(events, ",")+"]"))
	if r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	return string(r.body)
}

// login is an event of a person at a moment.
func login(id, user, role, at string) string {
	return fmt.Sprintf(`{"id":%q,"type":"login","user_id":%q,"user_role":%q,"occurred_at":%q,"session_id":"s-%s","object_type":"post","object_id":"p","tags":["x"]}`, id, user, role, at, user)
}

func TestLateAndWrongDataLeavesEveryAggregateEqualToRaw(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--ingest.wait-timeout=3m")
	conn := openAsWriter(t, s.dir)
	say(t, s, login("a1", "ada", "member", "2026-03-20T10:00:00Z"), login("b1", "ben", "member", "2026-03-21T10:00:00Z"))

	// Years ago, and out of order; on both sides of a New Year and of a leap day.
	say(t, s, login("a2", "ada", "", "2019-12-31T23:59:59Z"), login("a3", "ada", "", "2004-02-29T00:00:00Z"),
		login("c1", "cleo", "guest", "2020-01-01T00:00:00Z"), login("a4", "ada", "", "2012-07-01T12:00:00Z"), login("d1", "dan", "member", "1999-05-05T05:05:05Z"))
	say(t, s, login("c2", "cleo", "guest", "2019-12-29T12:00:00Z"))

	// Known duplicates: as they were, with other content, and within one batch.
	answer := say(t, s, login("a1", "ada", "member", "2026-03-20T10:00:00Z"), login("a2", "ada", "admin", "2021-01-01T00:00:00Z"),
		login("b2", "ben", "member", "2026-03-22T10:00:00Z"), login("b2", "ben", "member", "2026-03-22T10:00:00Z"))
	if !strings.Contains(answer, `"accepted":1,"duplicates":3`) {
		t.Errorf("duplicates: %s", answer)
	}

	// The role was wrong: the same acts once more, as what they were.
	say(t, s, login("b1-corrected", "ben", "admin", "2026-03-21T10:00:00Z"), login("b2-corrected", "ben", "admin", "2026-03-22T10:00:00Z"))

	// A backfill moves who was first seen when, also of somebody who was an anonymous visitor first.
	say(t, s, login("b0", "ben", "member", "2018-01-01T08:00:00Z"),
		`{"id":"i1","type":"identify","user_id":"ben","anonymous_id":"laptop","occurred_at":"2018-01-01T07:59:00Z","properties":{"plan":"free"}}`,
		`{"id":"i0","type":"identify","user_id":"ben","anonymous_id":"laptop","occurred_at":"2017-01-01T07:59:00Z","properties":{"plan":"trial"}}`)

	equalToRaw(t, conn, 14)
	var first string
	if err := conn.QueryRow(t.Context(), "SELECT toString(min(first_seen)) FROM persons WHERE user_id = 'ben'").Scan(&first); err != nil || first != "2018-01-01 08:00:00.000" {
		t.Errorf("ben was first seen %s: %v", first, err)
	}
	var grown []struct {
		New, Total int
	}
	s.data("/api/v1/analytics/users/growth", url.Values{"from": {"2018-01-01"}, "to": {"2018-01-02"}}, &grown)
	if want := []struct{ New, Total int }{{1, 3}}; !slices.Equal(grown, want) {
		t.Errorf("growth of the day that the backfill moved ben to: %v, want %v", grown, want)
	}
}
