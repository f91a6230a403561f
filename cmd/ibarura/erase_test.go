package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ibarura/internal/clickhouse/embedded"
	"ibarura/internal/erasure"
	"ibarura/internal/event"
	"ibarura/internal/proof"
)

// Names that are found wherever they are.
const (
	erasedUser    = "ada-lovelace-7319"
	erasedVisitor = "visitor-of-ada-4417"
	onlyHers      = "diary-of-ada-9925" // an object and a tag that nobody else has
)

// lifeOf is what a person leaves behind, with ids of a number.
func lifeOf(number int) []byte {
	return fmt.Appendf(nil, `[
	{"id":"v%[1]d","type":"login","anonymous_id":%[3]q,"session_id":"sv"},
	{"id":"i%[1]d","type":"identify","user_id":%[2]q,"anonymous_id":%[3]q,"properties":{"email":"%[2]s@example.org"}},
	{"id":"g%[1]d","type":"group","user_id":%[2]q,"object_type":"company","object_id":"acme","properties":{"plan":"said by %[2]s"}},
	{"id":"a%[1]d","type":"alias","user_id":"renamed","anonymous_id":%[2]q},
	{"id":"c%[1]d","type":"comment_added","user_id":%[2]q,"user_role":"member","session_id":"%[2]s-s","object_type":"post","object_id":"shared","tags":["common"]},
	{"id":"d%[1]d","type":"post_created","user_id":%[2]q,"object_type":"post","object_id":%[4]q,"tags":[%[4]q]},
	{"id":"o%[1]d","type":"login","user_id":%[2]q,"occurred_at":"2021-05-31T23:30:00Z"},
	{"id":"p%[1]d","type":"poison","user_id":%[2]q},
	{"id":"q%[1]d","type":"poison","user_id":"somebody else"}]`, number, erasedUser, erasedVisitor, onlyHers)
}

func viewsOf(number int) []byte {
	return fmt.Appendf(nil, `[
	{"id":"w%[1]d","url":"https://example.org/a?who=%[2]s","user_id":%[2]q,"session_id":"%[2]s-s","object_type":"post","object_id":"shared"},
	{"id":"x%[1]d","url":"https://example.org/b","anonymous_id":%[3]q}]`, number, erasedUser, erasedVisitor)
}

// server is an instance beside another one's engine, with a spool of its own.
func serveBeside(t *testing.T, first *instance, args ...string) *instance {
	t.Helper()
	addr, users, err := embedded.Running(first.dir)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, t.TempDir(), append([]string{"--clickhouse.addr=" + addr, "--clickhouse.password=" + users.Writer.Password,
		"--clickhouse.reader-password=" + users.Reader.Password}, args...)...)
	s.keys = first.keys
	return s
}

// hurried makes the engine remove parts that are out of use at once.
func hurried(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	var tables []string
	err := conn.QueryRow(t.Context(), `SELECT groupArray(name) FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'`).Scan(&tables)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if err := conn.Exec(t.Context(), "ALTER TABLE "+table+" MODIFY SETTING old_parts_lifetime = 1, cleanup_delay_period = 1, max_cleanup_delay_period = 2"); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *instance) mustPost(path string, body []byte) {
	s.t.Helper()
	if r := s.post(path, s.keys["write"], "application/json", body); r.status != http.StatusOK || strings.Contains(string(r.body), "code") {
		s.t.Errorf("%s: %d %s", path, r.status, r.body)
	}
}

// others posts events of others until stop, and returns when all can be queried.
func others(t *testing.T, servers ...*instance) (stop func()) {
	t.Helper()
	ended := make(chan struct{})
	var running sync.WaitGroup
	for i, s := range servers {
		running.Go(func() {
			for n := 0; ; n++ {
				var body []string
				for k := range 50 {
					body = append(body, fmt.Sprintf(`{"type":"comment_added","user_id":"u%d","session_id":"s%d","object_type":"post","object_id":"shared","tags":["common"],"id":"%d-%d-%d"}`, k, n%5, i, n, k))
				}
				select {
				case <-ended:
					s.mustPost("/api/v1/events?wait=true", []byte("["+strings.Join(body, ",")+"]"))
					return
				case <-time.After(20 * time.Millisecond):
					s.mustPost("/api/v1/events", []byte("["+strings.Join(body, ",")+"]"))
				}
			}
		})
	}
	return sync.OnceFunc(func() {
		close(ended)
		running.Wait()
	})
}

func aggregatesEqualRaw(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	findings, err := proof.Compare(t.Context(), conn, "default")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range proof.Differing(findings) {
		t.Errorf("%s: %d of %d rows differ from raw: %v", f.Table, f.Differing, f.Rows, f.Examples)
	}
}

// traces are the texts by which she would be found, and her keys.
func traces() (texts []string, persons []uint64) {
	return []string{erasedUser, erasedVisitor, onlyHers},
		[]uint64{event.PersonOf(event.Identity{UserID: erasedUser}), event.PersonOf(event.Identity{AnonymousID: erasedVisitor})}
}

// inNoTable looks into every column of every table and view.
func inNoTable(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	var tables []string
	err := conn.QueryRow(t.Context(), `SELECT groupArray(concat(database, '.', name)) FROM system.tables
WHERE database IN ('ibarura', 'bi') AND engine NOT IN ('MaterializedView', 'Null') AND name NOT IN ('erasures')`).Scan(&tables)
	if err != nil || len(tables) < 30 {
		t.Fatalf("%v, %d tables", err, len(tables))
	}
	texts, persons := traces()
	for _, table := range tables {
		var n uint64
		err := conn.QueryRow(t.Context(), "SELECT count() FROM (SELECT toString(tuple(*)) AS row FROM "+table+`)
WHERE multiSearchAny(row, ?) OR arrayExists(p -> position(row, toString(p)) > 0, ?)`, texts, persons).Scan(&n)
		if err != nil {
			t.Errorf("%s: %v", table, err)
		}
		if n != 0 {
			t.Errorf("%s: %d rows tell of her", table, n)
		}
	}
	var old uint64
	err = conn.QueryRow(t.Context(), `SELECT count() FROM system.parts WHERE database = 'ibarura' AND active AND has_lightweight_delete`).Scan(&old)
	if err != nil || old != 0 {
		t.Errorf("%v, %d parts hold deleted rows", err, old)
	}
}

// inNoFile looks into the bytes of every file below some folders.
func inNoFile(t *testing.T, dirs ...string) {
	t.Helper()
	texts, _ := traces()
	files := 0
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // gone meanwhile: parts come and go
			}
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			content, err := os.ReadFile(path)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			files++
			for _, text := range texts {
				if bytes.Contains(content, []byte(text)) {
					t.Errorf("%s tells of her: %s", path, text)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 50 {
		t.Errorf("only %d files were looked into", files)
	}
}

func receiptOf(t *testing.T, text string) erasure.Receipt {
	t.Helper()
	var r erasure.Receipt
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return r
}

// eraseArgs forgets her, on the engine of an instance.
func eraseArgs(dir string, more ...string) []string {
	return append([]string{"erase", "--data-dir", dir, "--user", erasedUser, "--linked"}, more...)
}

func TestAnErasedPersonIsFoundNowhereWhileOthersGoOn(t *testing.T) {
	t.Parallel()
	first := serve(t, t.TempDir(), "--spool.grace=1s", "--ingest.batch-age=3s")
	conn := openAsWriter(t, first.dir)
	hurried(t, conn)
	second := serveBeside(t, first, "--spool.grace=1s", "--ingest.batch-age=1m")
	if err := conn.Exec(t.Context(), "ALTER TABLE events ADD CONSTRAINT no_poison CHECK type != 'poison'"); err != nil {
		t.Fatal(err)
	}
	stop := others(t, first)
	defer stop()
	first.mustPost("/api/v1/events?wait=true", lifeOf(1))
	first.mustPost("/api/v1/pageviews?wait=true", viewsOf(1))
	first.mustPost("/api/v1/events", lifeOf(2))
	second.mustPost("/api/v1/events", lifeOf(3)) // these wait in a spool
	second.mustPost("/api/v1/pageviews", viewsOf(3))

	file := filepath.Join(t.TempDir(), "receipt.json")
	if out := ibarura(t, eraseArgs(first.dir, "--list")...); out != erasedVisitor+"\n" {
		t.Errorf("linked: %q", out)
	}
	ordered := first.post("/api/v1/admin/erase", first.keys["admin"], "application/json", fmt.Appendf(nil, `{"user":%q,"linked":true}`, erasedUser))
	if ordered.status != http.StatusAccepted {
		t.Errorf("ordered over HTTP: %d %s", ordered.status, ordered.body)
	}
	out := ibarura(t, eraseArgs(first.dir, "--receipt", file)...)
	stop()
	receipt := receiptOf(t, out)
	if same := receiptOf(t, string(ordered.body)); same.Erasure != receipt.Erasure || receipt.Derived != "made anew" {
		t.Errorf("the order over HTTP is %s, that of the command %s; derived tables: %q", same.Erasure, receipt.Erasure, receipt.Derived)
	}
	kept, err := os.ReadFile(file)
	if err != nil || string(kept) != out || strings.Contains(out, erasedUser) || strings.Contains(out, erasedVisitor) {
		t.Errorf("%v, the receipt names her, or the file is another one:\n%s%s", err, out, kept)
	}
	if !receipt.Clean || receipt.FinishedAt == nil || receipt.Rows["events"] != 7*3 || receipt.Rows["page_views"] != 2*2 || receipt.Rows["quarantine"] == 0 || len(receipt.Spools) != 2 {
		t.Errorf("receipt: %s", out)
	}
	inNoTable(t, conn)
	inNoFile(t, first.dir, second.dir)
	aggregatesEqualRaw(t, conn)
	for _, s := range []*instance{first, second} {
		if log := s.log.String() + s.out.String(); strings.Contains(log, erasedUser) || strings.Contains(log, erasedVisitor) {
			t.Errorf("a log names her:\n%s", log)
		}
	}
	for _, path := range []string{"users", "posts", "events", "summary"} {
		if r := first.get("/api/v1/analytics/"+path, nil); r.status != http.StatusOK || strings.Contains(string(r.body), onlyHers) {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	if n := number(t, conn, "SELECT count() FROM quarantine FINAL WHERE state = 'held'"); n != 3 {
		t.Errorf("%d rows of others are in quarantine, want 3", n)
	}

	// A new life begins.
	first.mustPost("/api/v1/events?wait=true", lifeOf(4))
	if n := number(t, conn, "SELECT count() FROM persons FINAL WHERE user_id = '"+erasedUser+"'"); n != 1 {
		t.Errorf("she is %d persons again", n)
	}
	aggregatesEqualRaw(t, conn)
	out = ibarura(t, eraseArgs(first.dir, "--block")...)
	if receipt := receiptOf(t, out); !receipt.Clean || !receipt.Blocked {
		t.Errorf("blocked: %s", out)
	}
	r := first.post("/api/v1/events?wait=true", first.keys["write"], "application/json", fmt.Appendf(nil, `[{"type":"login","user_id":%q},{"type":"login","user_id":"ben"}]`, erasedUser))
	if r.status != http.StatusOK || !strings.Contains(string(r.body), `"accepted":1`) || !strings.Contains(string(r.body), event.CodePersonBlocked) {
		t.Errorf("an event of who is blocked: %d %s", r.status, r.body)
	}
	inNoTable(t, conn)
	aggregatesEqualRaw(t, conn)
}

func number(t *testing.T, conn clickhouse.Conn, sql string) uint64 {
	t.Helper()
	var n uint64
	if err := conn.QueryRow(t.Context(), "SELECT toUInt64(("+sql+"))").Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestAnErasureGoesOnAfterEachKillAndCountsOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir, "--spool.grace=1s")
	hurried(t, openAsWriter(t, dir))
	for n := range 40 {
		s.mustPost("/api/v1/events", bytes.ReplaceAll(lifeOf(n), []byte("poison"), []byte("login")))
		s.mustPost("/api/v1/pageviews", viewsOf(n))
	}
	for life := 0; ; life++ {
		stop := others(t, s)
		out, errOut, err := tryIbarura(t, eraseArgs(dir, "--wait", fmt.Sprint(700*time.Millisecond*time.Duration(1<<min(life, 7))))...)
		stop()
		if err == nil {
			receipt := receiptOf(t, out)
			if !receipt.Clean || receipt.Rows["events"] != 40*9-40 {
				t.Errorf("receipt: %s", out)
			}
			break
		}
		var status *exec.ExitError
		if !errors.As(err, &status) || status.ExitCode() != int(statusUnfinished) || !strings.Contains(errOut, "goes on by itself") {
			t.Fatalf("%v: %s%s", err, out, errOut)
		}
		s.kill()
		s = serve(t, dir, "--spool.grace=1s")
	}
	conn := openAsWriter(t, dir)
	inNoTable(t, conn)
	inNoFile(t, dir)
	aggregatesEqualRaw(t, conn)
}
