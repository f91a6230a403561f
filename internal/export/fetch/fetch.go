package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v5"

	"ibarura/internal/export"
)

// Options are what is exported, and where to.
type Options struct {
	URL    string
	Key    string // an admin key
	Kind   string // events, pageviews
	Format export.Format
	Query  url.Values // range and filters
	Cursor string     // begins behind it; empty: at the beginning
	Limit  int        // rows in all; 0: all
	Part   int        // rows of a request; Parquet, which cannot be put together, is one
	Out    string     // name of the file; its manifest is beside it
	// RetryFor is how long a part is asked for again while the server is not
	// there, or has too much to do.
	RetryFor time.Duration
	// Tell is called for each part that is in the file; nil: nobody is.
	Tell func(export.Manifest)
}

// ErrPartial means that the server ended the export before its end, and that
// the file has what it sent: the rest is behind the manifest's cursor.
var ErrPartial = errors.New("the export is not complete")

// Run brings the export into the file and returns its manifest. An error other
// than ErrPartial leaves what has been fetched beside the file's name: the same
// options go on from there.
func Run(ctx context.Context, o Options) (export.Manifest, error) {
	f, err := openPart(o)
	if err != nil {
		return export.Manifest{}, err
	}
	r := &run{options: o, file: f, client: &http.Client{Transport: &http.Transport{DisableCompression: true, Proxy: http.ProxyFromEnvironment}}}
	defer r.client.CloseIdleConnections()
	if err := r.fetch(ctx); err != nil {
		return f.state.Manifest, errors.Join(err, f.close())
	}
	if err := f.finish(); err != nil {
		return f.state.Manifest, err
	}
	if m := f.state.Manifest; !m.Complete && (o.Limit == 0 || m.Rows < uint64(o.Limit)) {
		return m, ErrPartial
	}
	return f.state.Manifest, nil
}

// run is an export under way.
type run struct {
	options Options
	file    *part
	client  *http.Client
}

// fetch asks for part after part until there is nothing left.
func (r *run) fetch(ctx context.Context) error {
	for !r.done() {
		before := r.file.state.Rows
		if err := r.one(ctx); err != nil {
			return err
		}
		if r.options.Tell != nil {
			r.options.Tell(r.file.state.Manifest)
		}
		m := r.file.state.Manifest
		if r.options.Format == export.Parquet {
			return nil
		}
		if !m.Complete && m.Rows == before {
			return errors.New("the server ended the export before it sent a row")
		}
	}
	return nil
}

func (r *run) done() bool {
	m := r.file.state.Manifest
	return m.Complete || r.options.Limit > 0 && m.Rows >= uint64(r.options.Limit)
}

// one asks for a part until it is in the file.
func (r *run) one(ctx context.Context) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, r.attempt(ctx) },
		backoff.WithBackOff(&backoff.ExponentialBackOff{
			InitialInterval: 200 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 10 * time.Second,
		}), backoff.WithMaxElapsedTime(r.options.RetryFor))
	return err
}

func (r *run) attempt(ctx context.Context) error {
	answer, err := r.ask(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if err := r.file.take(answer); err != nil {
		return errors.Join(err, r.file.rewind())
	}
	return r.file.keep()
}

// address is the request for what is behind the state.
func (r *run) address() string {
	query := url.Values{}
	for name, values := range r.options.Query {
		query[name] = values
	}
	query.Set("format", string(r.options.Format))
	if cursor := r.file.state.Cursor; cursor != "" {
		query.Set("cursor", cursor)
	}
	if r.file.state.Bytes > 0 {
		query.Set("header", "false")
	}
	if limit := r.limit(); limit > 0 {
		query.Set("limit", fmt.Sprint(limit))
	}
	return r.options.URL + "/api/v1/export/" + r.options.Kind + "?" + query.Encode()
}

// limit is the number of rows of the next part; 0: all.
func (r *run) limit() int {
	limit := r.options.Part
	if r.options.Format == export.Parquet {
		limit = 0
	}
	if left := r.options.Limit - int(r.file.state.Rows); r.options.Limit > 0 && (limit == 0 || left < limit) {
		return left
	}
	return limit
}
