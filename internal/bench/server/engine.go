package server

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ibarura/internal/clickhouse/embedded"
)

// Engine talks to the ClickHouse below serve, over ClickHouse's own HTTP.
type Engine struct {
	Address string // host:port of HTTP
	Native  string // host:port of the native protocol
	Login   embedded.Login

	http *http.Client
}

func newEngine(target, native string, login embedded.Login) *Engine {
	return &Engine{Address: strings.TrimPrefix(target, "http://"), Native: native, Login: login, http: &http.Client{}}
}

// Path is where a statement is posted to, the rows of an insert as the body.
func Path(sql string) string { return "/?query=" + url.QueryEscape(sql) }

// Headers name the user.
func (e *Engine) Headers() []string {
	return []string{"X-ClickHouse-User: " + e.Login.User, "X-ClickHouse-Key: " + e.Login.Password}
}

// Query runs a statement and returns the answer without the white space around
// it.
func (e *Engine) Query(ctx context.Context, sql string) (string, error) {
	return e.post(ctx, url.Values{}, sql)
}

// Run runs a statement with parameters, which the engine binds, and settings of
// its own. The raw tables are the default database.
func (e *Engine) Run(ctx context.Context, sql string, params, settings map[string]string) error {
	query := url.Values{"database": {"ibarura"}}
	for name, value := range params {
		query.Set("param_"+name, value)
	}
	for name, value := range settings {
		query.Set(name, value)
	}
	_, err := e.post(ctx, query, sql)
	return err
}

func (e *Engine) post(ctx context.Context, query url.Values, sql string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+e.Address+"/?"+query.Encode(), strings.NewReader(sql))
	if err != nil {
		return "", err
	}
	for _, header := range e.Headers() {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
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

// Row runs a statement that answers with one line and reads its columns.
func (e *Engine) Row(ctx context.Context, sql string, dest ...any) error {
	text, err := e.Query(ctx, sql)
	if err != nil {
		return err
	}
	if _, err := fmt.Sscan(text, dest...); err != nil {
		return fmt.Errorf("%.200s: %q: %w", sql, text, err)
	}
	return nil
}

// Empty truncates all tables with rows of events, and lets merges end.
func (e *Engine) Empty(ctx context.Context) error {
	names, err := e.Query(ctx, `SELECT name FROM system.tables WHERE database = 'ibarura' AND engine LIKE '%MergeTree'
		AND name NOT IN ('projects', 'api_keys', 'view_links', 'goose_db_version')`)
	if err != nil {
		return err
	}
	for name := range strings.FieldsSeq(names) {
		if _, err := e.Query(ctx, "TRUNCATE TABLE ibarura."+name+" SYNC"); err != nil {
			return err
		}
	}
	return e.Settle(ctx)
}

// settleTries times settlePause is how long merges may take to end.
const (
	settleTries = 600
	settlePause = 100 * time.Millisecond
)

// Settle waits until no merge is running, so that the next measurement does not
// pay for the last one.
func (e *Engine) Settle(ctx context.Context) error {
	for range settleTries {
		merges, err := e.Query(ctx, "SELECT count() FROM system.merges")
		if err != nil || merges == "0" {
			return err
		}
		time.Sleep(settlePause)
	}
	return fmt.Errorf("merges have not ended within %s", settleTries*settlePause)
}

// CheckComplete compares raw and an aggregate behind two views with what was
// sent.
func (e *Engine) CheckComplete(ctx context.Context, rows int) error {
	got, err := e.Query(ctx, `SELECT (SELECT count() FROM ibarura.events), (SELECT uniqExact(id) FROM ibarura.events),
		(SELECT sum(events) FROM ibarura.metrics_daily), (SELECT sum(events) FROM ibarura.counters_15m)`)
	if err != nil {
		return err
	}
	if want := strings.Join([]string{fmt.Sprint(rows), fmt.Sprint(rows), fmt.Sprint(rows), fmt.Sprint(rows)}, "\t"); got != want {
		return fmt.Errorf("events, their ids, metrics_daily and counters_15m have %s rows, want %d", strings.ReplaceAll(got, "\t", ", "), rows)
	}
	return nil
}
