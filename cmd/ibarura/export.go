package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"ibarura/internal/access"
	"ibarura/internal/config"
	"ibarura/internal/export"
	"ibarura/internal/export/fetch"
)

// exportCmd brings raw rows into a file. It ends with status 0 if the file has
// them all, or as many as asked for; 1 if it failed or was interrupted, and the
// same command goes on; 2 if the server ended a Parquet file early.
type exportCmd struct {
	URL      string            `name:"url" env:"IBARURA_URL" default:"http://127.0.0.1:8080" help:"Address of the server."`
	Key      string            `name:"key" env:"IBARURA_ADMIN_KEY" placeholder:"KEY" help:"Admin key. Empty: the one that data-dir keeps for the project, if any. Better set by its variable: other users of the machine can see flags."`
	DataDir  string            `name:"data-dir" default:"./data" type:"path" help:"Data folder of the server, if it is on this machine: an admin key that a first run generated is read from it."`
	Project  string            `name:"project" default:"default" help:"Project whose key is read from data-dir. A key opens its own project alone."`
	Kind     string            `name:"kind" enum:"events,pageviews" default:"events" help:"Which rows: events or pageviews."`
	From     string            `name:"from" required:"" placeholder:"DATE" help:"First local date of the range."`
	To       string            `name:"to" required:"" placeholder:"DATE" help:"First local date after the range."`
	Timezone string            `name:"timezone" placeholder:"ZONE" help:"IANA zone of these dates. Empty: the project's."`
	Filter   map[string]string `name:"filter" placeholder:"NAME=VALUE" help:"A filter as the API names it, such as role=core or property.plan=free; may be repeated."`
	Format   string            `name:"format" enum:"csv,ndjson,parquet" default:"ndjson" help:"csv, ndjson or parquet."`
	Out      string            `name:"out" required:"" type:"path" placeholder:"FILE" help:"File to write. It has its name when it is complete, and FILE.manifest.json beside it; until then FILE.part, from which the same command goes on."`
	Cursor   string            `name:"cursor" placeholder:"CURSOR" help:"Begin behind the last row of another export of the same range and filters, as its manifest says."`
	Limit    int               `name:"limit" default:"0" help:"Rows in all. 0: all of them."`
	Part     int               `name:"part" default:"250000" help:"Rows of one request, after which it is noted how far the file goes. Parquet is one request."`
	RetryFor time.Duration     `name:"retry-for" default:"5m" help:"How long a request is repeated while the server is overloaded or not there."`
}

// statusPartial is the exit status of an export that the server ended early.
const statusPartial = exitStatus(2)

// Run exports and prints the manifest's numbers.
func (e *exportCmd) Run(ctx context.Context) error {
	if e.Part < 1 || e.Limit < 0 {
		return errors.New("export: --part is at least 1 and --limit at least 0")
	}
	key := e.Key
	if key == "" {
		var err error
		if key, err = access.KeptKey(keyFile(&config.Config{DataDir: e.DataDir}), e.Project, access.Admin); err != nil {
			return fmt.Errorf("export: no --key is given, and there is none in --data-dir: %w", err)
		}
	}
	began := time.Now()
	manifest, err := fetch.Run(ctx, fetch.Options{
		URL: strings.TrimSuffix(e.URL, "/"), Key: key, Kind: e.Kind, Format: export.Format(e.Format), Query: e.query(),
		Cursor: e.Cursor, Limit: e.Limit, Part: e.Part, Out: e.Out, RetryFor: e.RetryFor,
		Tell: func(m export.Manifest) { _, _ = fmt.Fprintf(os.Stderr, "%s: %d rows\n", e.Out, m.Rows) },
	})
	return e.tell(os.Stderr, manifest, time.Since(began), err)
}

func (e *exportCmd) query() url.Values {
	query := url.Values{"from": {e.From}, "to": {e.To}}
	if e.Timezone != "" {
		query.Set("timezone", e.Timezone)
	}
	for name, value := range e.Filter {
		query.Set(name, value)
	}
	return query
}

// tell prints what became of the export, and returns what it ends with.
func (e *exportCmd) tell(out io.Writer, m export.Manifest, took time.Duration, err error) error {
	switch {
	case errors.Is(err, fetch.ErrPartial):
		_, _ = fmt.Fprintf(out, "%s: %d rows, and more are left; another file goes on with --cursor %s\n", e.Out, m.Rows, m.Cursor)
		return statusPartial
	case err != nil && m.Rows > 0:
		_, _ = fmt.Fprintf(out, "%s: stopped after %d rows; the same command goes on from there\n", e.Out, m.Rows)
	case err == nil:
		_, _ = fmt.Fprintf(out, "%s: %d rows, %d bytes, %.1f s\n", e.Out, m.Rows, m.Bytes, took.Seconds())
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}
