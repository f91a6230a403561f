package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// counted checks that raw and the aggregates of a fresh server hold so many events.
func counted(t *testing.T, conn clickhouse.Conn, want uint64) {
	t.Helper()
	for _, sql := range []string{
		"SELECT count() FROM events",
		"SELECT uniqExact(seq) FROM events",
		"SELECT sum(events) FROM counters_15m",
		"SELECT sum(events) FROM metrics_daily",
		"SELECT sum(events) FROM metrics_monthly",
		"SELECT sum(events) FROM user_day",
	} {
		var got uint64
		if err := conn.QueryRow(t.Context(), "SELECT toUInt64(("+sql+"))").Scan(&got); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if got != want {
			t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
}

// held is what `quarantine list` shows first of a row.
var held = regexp.MustCompile(`(?m)^(events-\d+)  +\S+Z  +events  +469  +(.*)$`)

func TestQuarantinedRowsAreListedTriedAgainAndGivenUpBesideARunningServer(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	conn := openAsWriter(t, s.dir)
	exec := func(sql string) {
		t.Helper()
		if err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	quarantine := func(args ...string) (out, errOut string, err error) {
		return tryIbarura(t, append(append([]string{"quarantine"}, args...), "--data-dir", s.dir)...)
	}
	exec("ALTER TABLE events ADD CONSTRAINT no_poison CHECK type != 'poison'")
	var body []string
	for i := range 100 {
		kind := "login"
		if i%40 == 7 { // 7, 47, 87
			kind = "poison"
		}
		body = append(body, fmt.Sprintf(`{"id":"%d","type":%q,"user_id":"alice-%d"}`, i, kind, i))
	}
	if r := s.post("/api/v1/events?wait=true", s.keys["write"], "application/json", []byte("["+strings.Join(body, ",")+"]")); r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	counted(t, conn, 97)

	list, _, err := quarantine("list")
	rows := held.FindAllStringSubmatch(list, -1)
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v, listed:\n%s", err, list)
	}
	if strings.Contains(list, "alice") || !strings.Contains(rows[0][2], "no_poison") {
		t.Errorf("the list names persons, or not the cause:\n%s", list)
	}
	if out, errOut, err := quarantine("list", "--limit", "2"); err != nil || len(held.FindAllString(out, -1)) != 2 || !strings.Contains(errOut, "more than these 2") {
		t.Errorf("limited: %v %s%s", err, out, errOut)
	}
	shown := ibarura(t, "quarantine", "show", rows[0][1], "--data-dir", s.dir)
	var row struct {
		ID, Error string
		Row       struct {
			Type   string `json:"type"`
			UserID string `json:"user_id"`
		}
	}
	if err := json.Unmarshal([]byte(shown), &row); err != nil || row.ID != rows[0][1] || row.Row.Type != "poison" || !strings.HasPrefix(row.Row.UserID, "alice-") {
		t.Errorf("shown: %v\n%s", err, shown)
	}
	if whole, _, err := quarantine("list", "--json"); err != nil || strings.Count(whole, "\n") != 3 || !strings.Contains(whole, strings.TrimSpace(shown)) {
		t.Errorf("listed as JSON: %v\n%s", err, whole)
	}

	if out, errOut, err := quarantine("retry", "--all"); err == nil || strings.Count(out, "is still refused") != 3 ||
		strings.Contains(out, "alice") || !strings.Contains(errOut, "3 of 3 rows") {
		t.Errorf("retried too early: %v\n%s%s", err, out, errOut)
	}
	counted(t, conn, 97)
	exec("ALTER TABLE events DROP CONSTRAINT no_poison")
	if out, _, err := quarantine("retry", rows[1][1]); err != nil || out != rows[1][1]+" is in events\n" {
		t.Errorf("retried: %v %s", err, out)
	}
	counted(t, conn, 98)
	if _, errOut, err := quarantine("retry", rows[1][1]); err == nil || !strings.Contains(errOut, "not in quarantine") {
		t.Errorf("retried twice: %v %s", err, errOut)
	}

	if _, errOut, err := quarantine("discard", rows[2][1]); err == nil || !strings.Contains(errOut, "--yes") {
		t.Errorf("given up without --yes: %v %s", err, errOut)
	}
	if out, _, err := quarantine("discard", rows[2][1], "--yes"); err != nil || out != rows[2][1]+" is given up\n" {
		t.Errorf("given up: %v %s", err, out)
	}
	if _, errOut, err := quarantine("retry"); err == nil || !strings.Contains(errOut, "--all") {
		t.Errorf("no row named: %v %s", err, errOut)
	}
	if out, _, err := quarantine("retry", "--all"); err != nil || out != rows[0][1]+" is in events\n" {
		t.Errorf("the rest: %v %s", err, out)
	}
	if out, _, err := quarantine("list"); err != nil || out != "nothing is in quarantine\n" {
		t.Errorf("at the end: %v %s", err, out)
	}
	counted(t, conn, 99)
	if strings.Contains(s.log.String(), "alice") {
		t.Errorf("the log names persons:\n%s", s.log)
	}
}
