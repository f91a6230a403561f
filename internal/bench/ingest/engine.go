package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// engine talks to the ClickHouse below serve, over ClickHouse's own HTTP.
type engine struct {
	server *server
	http   *http.Client
}

func newEngine(s *server) *engine {
	return &engine{server: s, http: &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: maxConnections,
		WriteBufferSize:     256 << 10,
	}}}
}

// query runs a statement; body is the data of an insert, nil for others.
func (e *engine) query(ctx context.Context, sql string, body []byte) (string, error) {
	target := e.server.httpURL + "/?query=" + url.QueryEscape(sql)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("X-ClickHouse-User", e.server.writer.User)
	req.Header.Set("X-ClickHouse-Key", e.server.writer.Password)
	resp, err := e.http.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("X-ClickHouse-Exception-Code") != "" {
		return "", fmt.Errorf("%.200s: %.500s", sql, text)
	}
	return strings.TrimSpace(string(text)), nil
}

// empty truncates all tables with rows of events, and lets merges end.
func (e *engine) empty(ctx context.Context) error {
	names, err := e.query(ctx, `SELECT name FROM system.tables WHERE database = 'ibarura' AND engine LIKE '%MergeTree'
		AND name NOT IN ('projects', 'api_keys', 'goose_db_version')`, nil)
	if err != nil {
		return err
	}
	for name := range strings.FieldsSeq(names) {
		if _, err := e.query(ctx, "TRUNCATE TABLE ibarura."+name+" SYNC", nil); err != nil {
			return err
		}
	}
	for range 100 {
		merges, err := e.query(ctx, "SELECT count() FROM system.merges", nil)
		if err != nil || merges == "0" {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil
}

// checkComplete compares raw and an aggregate behind two views with what was
// sent.
func (e *engine) checkComplete(ctx context.Context, rows int) error {
	got, err := e.query(ctx, `SELECT (SELECT count() FROM ibarura.events), (SELECT uniqExact(id) FROM ibarura.events),
		(SELECT sum(events) FROM ibarura.metrics_daily), (SELECT sum(events) FROM ibarura.counters_15m)`, nil)
	if err != nil {
		return err
	}
	if want := strings.Join([]string{fmt.Sprint(rows), fmt.Sprint(rows), fmt.Sprint(rows), fmt.Sprint(rows)}, "\t"); got != want {
		return fmt.Errorf("events, their ids, metrics_daily and counters_15m have %s rows, want %d", strings.ReplaceAll(got, "\t", ", "), rows)
	}
	return nil
}

// insertSettings are the settings that decide how fast a bulk insert is, beside
// the one in bulkInsert.
const insertSettings = `SELECT name || '=' || value FROM system.settings WHERE name IN
	('insert_deduplicate', 'deduplicate_blocks_in_dependent_materialized_views', 'max_insert_block_size',
	 'min_insert_block_size_rows', 'min_insert_block_size_bytes', 'max_insert_threads', 'input_format_parallel_parsing',
	 'parallel_view_processing', 'max_threads', 'fsync_metadata') ORDER BY name`
