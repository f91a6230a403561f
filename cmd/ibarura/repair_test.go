package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ibarura/internal/clickhouse"
	"ibarura/internal/proof"
)

// load posts batches of events and page views until stop, which returns how many items were accepted.
func load(t *testing.T, s *instance, producers int) (stop func() int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var accepted atomic.Int64
	var wg sync.WaitGroup
	for p := range producers {
		wg.Go(func() {
			for batch := 0; ctx.Err() == nil; batch++ {
				time.Sleep(10 * time.Millisecond)
				path, body := communityBatch(rand.New(rand.NewPCG(uint64(p), uint64(batch))), fmt.Sprintf("%d-%d", p, batch))
				if r := s.post(path, s.keys["write"], "application/json", body); r.status == http.StatusOK {
					accepted.Add(50)
				}
			}
		})
	}
	return func() int64 {
		cancel()
		wg.Wait()
		return accepted.Load()
	}
}

// communityBatch is 50 items over two months and a New Year.
func communityBatch(r *rand.Rand, name string) (path string, body []byte) {
	kinds := []string{"login", "post_created", "comment_added", "post_liked", "identify", "group", "notification_sent"}
	var items []string
	page := r.IntN(3) == 0
	for i := range 50 {
		at := time.Date(2024, 12, 1, r.IntN(62*24), r.IntN(60), 0, 0, time.UTC).Format(time.RFC3339)
		who := fmt.Sprintf(`"user_id":"u%d","anonymous_id":"a%d","session_id":"s%d","occurred_at":%q,"object_type":"post","object_id":"p%d"`,
			r.IntN(50), r.IntN(50), r.IntN(300), at, r.IntN(20))
		if page {
			items = append(items, fmt.Sprintf(`{"id":"%s-%d",%s,"url":"https://a.example/%d"}`, name, i, who, r.IntN(9)))
			continue
		}
		items = append(items, fmt.Sprintf(`{"id":"%s-%d",%s,"type":%q,"user_role":%q,"tags":["a","b"],"properties":{"plan":"%d"}}`,
			name, i, who, kinds[r.IntN(len(kinds))], []string{"", "member"}[r.IntN(2)], r.IntN(4)))
	}
	path = "/api/v1/events"
	if page {
		path = "/api/v1/pageviews"
	}
	return path, []byte("[" + strings.Join(items, ",") + "]")
}

// loaded waits until so many person-days are there.
func loaded(t *testing.T, conn proof.Database, rows uint64) {
	t.Helper()
	waitFor(t, "rows are loaded", func() bool {
		var n uint64
		return conn.QueryRow(t.Context(), "SELECT count() FROM user_day WHERE day < '2025-01-01'").Scan(&n) == nil && n >= rows
	})
}

// corruptions make aggregates wrong in each way: rows missing, doubled, changed.
var corruptions = []string{
	"DELETE FROM user_day WHERE person % 2 = 0",
	"INSERT INTO tag_day SELECT * FROM tag_day SETTINGS insert_deduplicate = 0",
	"INSERT INTO persons (project, person, first_seen, last_seen) SELECT project, person, '1999-01-01 00:00:00', '2020-01-01 00:00:00' FROM persons LIMIT 3",
	"DELETE FROM metrics_weekly WHERE type = 'login'",
	"INSERT INTO sessions (project, day, session_id, events) VALUES ('default', '2024-12-05', 'nobody has had it', 1)",
}

func corrupt(t *testing.T, conn interface {
	Exec(ctx context.Context, query string, args ...any) error
}) {
	t.Helper()
	for _, statement := range corruptions {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// verify runs the command and returns its exit status.
func verify(t *testing.T, s *instance, args ...string) (status int, out string) {
	t.Helper()
	out, errOut, err := tryIbarura(t, append([]string{"verify", "--data-dir", s.dir}, args...)...)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, out
	case errors.As(err, &exit):
		return exit.ExitCode(), out + errOut
	}
	t.Fatal(err)
	return 0, ""
}

// flush returns once everything acknowledged is in the tables.
func flush(t *testing.T, s *instance, id string) {
	t.Helper()
	r := s.post("/api/v1/events?wait=true", s.keys["write"], "application/json", []byte(`{"id":"`+id+`","type":"login","user_id":"u1"}`))
	if r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
}

func TestVerifyFindsDriftAndRebuildMendsItWhileProducersPost(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--ingest.wait-timeout=3m")
	conn := openAsWriter(t, s.dir)
	stop := load(t, s, 3)
	loaded(t, conn, 500)
	if status, out := verify(t, s, "--table=user_day,metrics_weekly,persons"); status != 0 {
		t.Errorf("under load: %d\n%s", status, out)
	}
	corrupt(t, conn)
	status, out := verify(t, s, "--json")
	var found verdict
	if err := json.Unmarshal([]byte(out[:strings.LastIndex(out, "}")+1]), &found); err != nil || status != 1 || found.Equal {
		t.Fatalf("corrupted: %d, %v\n%s", status, err, out)
	}
	for _, table := range found.Tables {
		wrong := map[string]bool{"user_day": true, "tag_day": true, "persons": true, "metrics_weekly": true, "sessions": true, "user_month": false}
		if want, asked := wrong[table.Table]; asked && want != (table.Differing > 0) {
			t.Errorf("%s: %d rows differ", table.Table, table.Differing)
		}
	}
	ibarura(t, "rebuild", "--data-dir", s.dir)
	if status, out := verify(t, s); status != 0 {
		t.Errorf("rebuilt, under load: %d\n%s", status, out)
	}
	accepted := stop()
	flush(t, s, "last")
	equalToRaw(t, conn, accepted+1)
}

// equalToRaw checks every aggregate, and that raw has so many rows.
func equalToRaw(t *testing.T, conn proof.Database, rows int64) {
	t.Helper()
	var n int64
	if err := conn.QueryRow(t.Context(), "SELECT toInt64((SELECT count() FROM events) + (SELECT count() FROM page_views))").Scan(&n); err != nil || n != rows {
		t.Errorf("raw has %d rows, want %d: %v", n, rows, err)
	}
	findings, err := proof.Compare(t.Context(), conn, "default")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range proof.Differing(findings) {
		t.Errorf("%s: %d of %d rows differ: %v", f.Table, f.Differing, f.Rows, f.Examples)
	}
}

func TestARebuildThatIsKilledAtAnyStepLeavesTheAggregatesWholeAndLoadersGoOn(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--ingest.wait-timeout=3m")
	conn := openAsWriter(t, s.dir)
	stop := load(t, s, 1)
	loaded(t, conn, 100)
	for i, step := range []string{"prepared", "fenced", "snapshot", "filled", "added", "replaced user_day", "replaced user_month", "replaced metrics_weekly", "cleared"} {
		cmd := command(t, "rebuild", "--data-dir", s.dir, "--table=user_month,metrics_weekly", "--from=2024-12", "--to=2025-01")
		cmd.Env = append(cmd.Env, dieAtStep+"="+step)
		var out bytes.Buffer
		cmd.Stderr = &out
		if err := cmd.Run(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("at %q it was not killed: %v\n%s", step, err, out.String())
		}
		t.Logf("killed at %q", step)
		flush(t, s, fmt.Sprintf("after-%d", i)) // the loader goes on
	}
	ibarura(t, "rebuild", "--data-dir", s.dir, "--table=user_month,metrics_weekly", "--from=2024-12", "--to=2025-01")
	accepted := stop()
	flush(t, s, "last")
	equalToRaw(t, conn, accepted+10)
	var left uint64
	if err := conn.QueryRow(t.Context(), "SELECT count() FROM system.tables WHERE name LIKE 'repair%' AND database = currentDatabase()").Scan(&left); err != nil || left > 0 {
		t.Errorf("%d tables are left: %v", left, err)
	}
}

func TestALoaderThatWasKilledAtWorkHoldsARepairUpUntilItIsBackOrForgotten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	conn := openAsWriter(t, dir)
	gone := clickhouse.LoaderStatus{ID: "gone", Host: "elsewhere", State: clickhouse.LoaderLoading, Version: 1}
	if err := (clickhouse.Fences{Conn: conn}).Say(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	if err := conn.Exec(t.Context(), "INSERT INTO loaders SELECT * REPLACE (seen_at - toIntervalHour(1) AS seen_at, version + 1 AS version) FROM loaders WHERE id = 'gone'"); err != nil {
		t.Fatal(err)
	}
	if status, out := verify(t, s); status != 2 || !strings.Contains(out, "gone on elsewhere was last seen 1h0m") {
		t.Errorf("%d\n%s", status, out)
	}
	if list := ibarura(t, "loaders", "list", "--data-dir", dir); !strings.Contains(list, "gone") || !strings.Contains(list, "loading") {
		t.Errorf("listed:\n%s", list)
	}
	ibarura(t, "loaders", "forget", "gone", "--data-dir", dir)
	if status, out := verify(t, s); status != 0 {
		t.Errorf("forgotten: %d\n%s", status, out)
	}
}
