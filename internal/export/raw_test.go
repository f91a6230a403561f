package export_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/clickhouse"
	"ibarura/internal/export"
	"ibarura/internal/report"
)

func raw(t *testing.T, limits clickhouse.StreamLimits) *export.Raw {
	t.Helper()
	s, target := service(t)
	streamer, err := clickhouse.OpenStreamer(target, limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = streamer.Close() })
	return export.NewRaw(s, streamer, prometheus.NewRegistry())
}

var generous = clickhouse.StreamLimits{Timeout: time.Minute, MaxMemory: 1 << 30, MaxConcurrent: 2}

func everything(t *testing.T, kind report.RawKind, format export.Format) export.Ask {
	t.Helper()
	q := question(t, "2026-05-01", "2026-07-01")
	q.Limit, q.Options = 0, nil
	return export.Ask{Kind: kind, Question: q, Format: format, Header: true}
}

// exported is one export and its manifest, which has been checked against it.
func exported(t *testing.T, r *export.Raw, ask export.Ask) ([]byte, export.Manifest) {
	t.Helper()
	var b bytes.Buffer
	m, err := r.Write(t.Context(), ask, func(*report.RawRead) (io.Writer, error) { return &b, nil })
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	if m.SHA256 != hex.EncodeToString(sum[:]) || m.Bytes != uint64(b.Len()) {
		t.Errorf("the manifest says %d bytes of %s, there are %d of %x", m.Bytes, m.SHA256, b.Len(), sum)
	}
	return b.Bytes(), m
}

func TestRawRowsAreTheSameInEveryFormat(t *testing.T) {
	r := raw(t, generous)
	_, target := service(t)
	for kind, want := range map[report.RawKind]int{report.RawEvents: 814, report.RawPageViews: 1221} {
		text, m := exported(t, r, everything(t, kind, export.NDJSON))
		lines := readNDJSON(t, text)
		if len(lines) != want || m.Rows != uint64(want) || !m.Complete || m.From != "2026-05-01" || m.To != "2026-07-01" {
			t.Errorf("%d %s, the manifest says %+v; want %d", len(lines), kind, m, want)
		}
		if m.First != "2026-05-01T00:00:00.123Z" || m.Last < "2026-06-30T10:" {
			t.Errorf("from %s to %s", m.First, m.Last)
		}
		text, _ = exported(t, r, everything(t, kind, export.CSV))
		if diff := cmp.Diff(settled(lines), settled(readCSV(t, text))); diff != "" {
			t.Errorf("%s: NDJSON (-), CSV (+):\n%s", kind, diff)
		}
		text, _ = exported(t, r, everything(t, kind, export.Parquet))
		if diff := cmp.Diff(settled(lines), settled(readParquet(t, open(t, target), text))); diff != "" {
			t.Errorf("%s: NDJSON (-), Parquet (+):\n%s", kind, diff)
		}
	}
}

func TestRawRowsAreNarrowedDownAsReportsAre(t *testing.T) {
	s, _ := service(t)
	r := raw(t, generous)
	for _, change := range []func(*report.Question){
		func(q *report.Question) { q.Role = "core" },
		func(q *report.Question) { q.Type = "login" },
		func(q *report.Question) { q.Tag = "@home" },
		func(q *report.Question) { q.Properties = []report.Property{{Name: "channel", Value: "mail"}} },
		func(q *report.Question) { q.ObjectType = "post" },
		func(q *report.Question) { q.Zone = time.FixedZone("Asia/Kathmandu", 20700) },
		func(q *report.Question) { q.From = q.From.AddDays(20) },
	} {
		ask := everything(t, report.RawEvents, export.NDJSON)
		change(&ask.Question)
		_, m := exported(t, r, ask)
		q := ask.Question
		q.Limit = 1000
		answer, err := s.Answer(t.Context(), "events/types", q)
		if err != nil {
			t.Fatal(err)
		}
		want := uint64(0)
		for _, c := range answer.Data.([]report.TypeCount) {
			want += c.Events
		}
		if m.Rows != want || want == 0 || want == 814 && q.Filter.Fields() != 0 {
			t.Errorf("%+v: %d rows, the report counts %d", q.Filter, m.Rows, want)
		}
	}
}

// While rows are cut into parts others come in, before and behind the place.
func TestCursorsGiveEachRowOnceWhileRowsComeIn(t *testing.T) {
	_, target := service(t)
	if err := fill(target, "growing", 15); err != nil {
		t.Fatal(err)
	}
	r := raw(t, generous)
	ask := everything(t, report.RawEvents, export.NDJSON)
	ask.Question.Project, ask.Question.Limit = "growing", 37
	whole := ask
	whole.Question.Limit = 0
	before, _ := exported(t, r, whole)
	seen := map[string]int{}
	for part := 0; ; part++ {
		text, m := exported(t, r, ask)
		for _, line := range readNDJSON(t, text) {
			seen[line["user_id"]+" "+line["id"]]++
		}
		if m.Complete {
			break
		}
		ask.Question.Cursor = m.Cursor
		if part < 3 { // persons that were not there, with ids of their own, on every day
			if err := fillMore(target, "growing", part); err != nil {
				t.Fatal(err)
			}
		}
		if part > 1000 {
			t.Fatal("it does not end")
		}
	}
	for _, line := range readNDJSON(t, before) {
		if n := seen[line["user_id"]+" "+line["id"]]; n != 1 {
			t.Errorf("%s of %s is there %d times", line["id"], line["user_id"], n)
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s is there %d times", id, n)
		}
	}
}

func TestACursorBelongsToItsExport(t *testing.T) {
	r := raw(t, generous)
	ask := everything(t, report.RawEvents, export.NDJSON)
	ask.Question.Limit = 5
	_, m := exported(t, r, ask)
	for name, change := range map[string]func(*export.Ask){
		"another kind":   func(a *export.Ask) { a.Kind = report.RawPageViews },
		"another range":  func(a *export.Ask) { a.Question.To = a.Question.To.AddDays(1) },
		"another filter": func(a *export.Ask) { a.Question.Role = "core" },
		"another owner":  func(a *export.Ask) { a.Question.Project = "other" },
		"none":           func(a *export.Ask) { a.Question.Cursor = "bm9uZQ" },
	} {
		other := ask
		other.Question.Cursor = m.Cursor
		change(&other)
		_, err := r.Write(t.Context(), other, func(*report.RawRead) (io.Writer, error) {
			t.Errorf("%s: something is written", name)
			return io.Discard, nil
		})
		var question *report.QuestionError
		if !errors.As(err, &question) || question.Field != "cursor" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// slowly is a reader that takes some time for every write, until it has gone.
type slowly struct {
	taken atomic.Int64
	pause time.Duration
	gone  func()
	after int64
}

func (s *slowly) Write(b []byte) (int, error) {
	time.Sleep(s.pause)
	if s.taken.Add(int64(len(b))) > s.after && s.gone != nil {
		s.gone()
	}
	return len(b), nil
}

func TestWhoReadsSlowlyIsCutAtTheTimeLimitAndGoesOnFromThere(t *testing.T) {
	_, target := service(t)
	if err := fillMany(target, "many", 60_000); err != nil {
		t.Fatal(err)
	}
	ask := everything(t, report.RawEvents, export.NDJSON)
	ask.Question.Project = "many"
	short := raw(t, clickhouse.StreamLimits{Timeout: time.Second, MaxMemory: 1 << 30, MaxConcurrent: 1})
	reader := &slowly{pause: 200 * time.Millisecond}
	m, err := short.Write(t.Context(), ask, func(*report.RawRead) (io.Writer, error) { return reader, nil })
	var limit *clickhouse.LimitError
	if !errors.As(err, &limit) || limit.Limit != "timeout" || m.Complete || m.Rows == 0 || m.Rows >= 60_000 || m.Cursor == "" {
		t.Fatalf("%v, %+v", err, m)
	}
	ask.Question.Cursor = m.Cursor
	_, rest := exported(t, raw(t, generous), ask)
	if m.Rows+rest.Rows != 60_000 || !rest.Complete {
		t.Errorf("%d rows and then %d, want 60000 in all", m.Rows, rest.Rows)
	}
}

func TestWhoGoesAwayEndsTheQueryAndFreesTheSlot(t *testing.T) {
	_, target := service(t)
	if err := fillMany(target, "left", 60_000); err != nil {
		t.Fatal(err)
	}
	r := raw(t, clickhouse.StreamLimits{Timeout: time.Minute, MaxMemory: 1 << 30, MaxConcurrent: 1})
	ask := everything(t, report.RawEvents, export.NDJSON)
	ask.Question.Project = "left"
	ctx, gone := context.WithCancel(t.Context())
	m, err := r.Write(ctx, ask, func(*report.RawRead) (io.Writer, error) { return &slowly{gone: gone}, nil })
	if !errors.Is(err, context.Canceled) || m.Complete {
		t.Errorf("%v, %+v", err, m)
	}
	var running uint64
	for range 100 { // the server is told, and takes a moment
		if err := open(t, target).QueryRow(t.Context(), "SELECT count() FROM system.processes WHERE query LIKE '%-- Raw events%' AND query NOT LIKE '%system.processes%'").Scan(&running); err != nil {
			t.Fatal(err)
		}
		if running == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if running != 0 {
		t.Errorf("%d queries are still running", running)
	}
	ask.Question.Limit = 1
	exported(t, r, ask)
}

func TestOneExportTooManyIsTurnedAway(t *testing.T) {
	r := raw(t, clickhouse.StreamLimits{Timeout: time.Minute, MaxMemory: 1 << 30, MaxConcurrent: 1})
	ask := everything(t, report.RawEvents, export.NDJSON)
	inside := false
	_, err := r.Write(t.Context(), ask, func(*report.RawRead) (io.Writer, error) {
		inside = true
		_, busy := r.Write(t.Context(), ask, func(*report.RawRead) (io.Writer, error) { return io.Discard, nil })
		if !errors.Is(busy, clickhouse.ErrBusy) {
			t.Errorf("beside another one: %v", busy)
		}
		return io.Discard, nil
	})
	if err != nil || !inside {
		t.Error(err)
	}
}

// fillMany stores so many events on one day.
func fillMany(target clickhouse.Target, project string, rows int) error {
	conn, err := clickhouse.Open(target)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return conn.Exec(context.Background(), fmt.Sprintf(`INSERT INTO events (project, day, type, person, occurred_at, received_at, seq, id, user_id, tags, properties, active)
SELECT '%s', toDate('2026-05-03') + number %% 3, ['a', 'b'][1 + number %% 2], number %% 1000, toDateTime64('2026-05-03 00:00:00', 3, 'UTC') + toIntervalDay(number %% 3) + toIntervalSecond(number %% 80000),
       now64(3, 'UTC'), number, toString(number), toString(number %% 1000), ['t'], map('k', repeat('x', 100)), true
FROM numbers(%d)`, project, rows))
}

// fillMore stores what persons do who were not there before.
func fillMore(target clickhouse.Target, project string, part int) error {
	conn, err := clickhouse.Open(target)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return conn.Exec(context.Background(), fmt.Sprintf(`INSERT INTO events (project, day, type, person, occurred_at, received_at, seq, id, user_id, active)
SELECT '%s', toDate('2026-05-01') + number %% 61, ['aaa', 'login', 'zzz'][1 + number %% 3], cityHash64(number, %d), toDateTime64('2026-05-01 12:00:00', 3, 'UTC') + toIntervalDay(number %% 61),
       now64(3, 'UTC'), 1000000 + number, 'more %d ' || toString(number), 'more', true
FROM numbers(300)`, project, part, part))
}
