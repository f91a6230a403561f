package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/report"
)

// Streamer reads raw rows; see clickhouse.Streamer.
type Streamer interface {
	Stream(ctx context.Context, name, sql string, params map[string]string, each func(scan func(dest ...any) error) error) error
}

// Planner plans the reading of raw rows; see report.Service.
type Planner interface {
	Raw(kind report.RawKind, q report.Question) (*report.RawRead, error)
}

// Raw exports raw rows. It is safe for concurrent use.
type Raw struct {
	planner  Planner
	streamer Streamer
	rows     *prometheus.CounterVec
	ended    *prometheus.CounterVec
}

// NewRaw returns an export of raw rows.
func NewRaw(planner Planner, streamer Streamer, reg prometheus.Registerer) *Raw {
	r := &Raw{
		planner: planner, streamer: streamer,
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ibarura_export_rows_total",
			Help: "Raw rows that were exported, by kind (events, pageviews).",
		}, []string{"kind"}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ibarura_export_streams_total",
			Help: "Exports of raw rows that ended, by kind and by how (whole: all rows or as many as asked for; cut; refused: nothing was sent).",
		}, []string{"kind", "end"}),
	}
	reg.MustRegister(r.rows, r.ended)
	return r
}

// Ask is what raw rows are wanted, and how.
type Ask struct {
	Kind     report.RawKind
	Question report.Question
	Format   Format // CSV, NDJSON or Parquet
	Header   bool   // of CSV
}

// Manifest says what was exported. First and Last are the earliest and the
// latest moment of the rows.
type Manifest struct {
	Rows     uint64 `json:"rows"`
	SHA256   string `json:"sha256"` // of the bytes, before compression, in hex
	Bytes    uint64 `json:"bytes"`
	First    string `json:"first,omitempty"` // RFC 3339
	Last     string `json:"last,omitempty"`
	Cursor   string `json:"cursor,omitempty"` // goes on behind the last row; empty: there was none
	Complete bool   `json:"complete"`         // no rows were left
	From     string `json:"from"`
	To       string `json:"to"`
}

// Write streams rows to what open returns, which is asked for once ClickHouse
// answers: an error before is one without a byte written. After an error the
// file is whole as a file, as far as to still takes bytes, and the manifest says
// how far it came.
func (r *Raw) Write(ctx context.Context, ask Ask, open func(*report.RawRead) (io.Writer, error)) (Manifest, error) {
	read, err := r.planner.Raw(ask.Kind, ask.Question)
	if err != nil {
		return Manifest{}, err
	}
	s := &stream{ask: ask, read: read, open: open, row: newRawRow(rawColumns[ask.Kind]), hash: sha256.New()}
	err = r.streamer.Stream(ctx, read.Query, read.SQL, read.Params, s.each)
	if err == nil || s.rows != nil {
		err = s.end(err)
	}
	r.rows.WithLabelValues(string(ask.Kind)).Add(float64(s.manifest.Rows))
	r.ended.WithLabelValues(string(ask.Kind), s.how(err)).Inc()
	return s.manifest, err
}

// stream is an export under way.
type stream struct {
	ask  Ask
	read *report.RawRead
	open func(*report.RawRead) (io.Writer, error)
	row  *rawRow

	to       io.Writer
	rows     rowWriter // nil: nothing is written yet
	hash     hash.Hash
	first    time.Time
	last     time.Time
	manifest Manifest
}

// Write counts and sums what the format writes.
func (s *stream) Write(b []byte) (int, error) {
	n, err := s.to.Write(b)
	s.hash.Write(b[:n])
	s.manifest.Bytes += uint64(n)
	return n, err
}

func (s *stream) begin() (err error) {
	if s.to, err = s.open(s.read); err != nil {
		return err
	}
	s.rows, err = s.ask.Format.open(s, rawColumns[s.ask.Kind], s.ask.Header)
	return err
}

func (s *stream) each(scan func(dest ...any) error) error {
	if err := s.row.scan(scan); err != nil {
		return err
	}
	if s.rows == nil {
		if err := s.begin(); err != nil {
			return err
		}
	}
	if err := s.rows.write(s.row.cells); err != nil {
		return fmt.Errorf("write a row: %w", err)
	}
	s.count(s.row.at())
	return nil
}

func (s *stream) count(at time.Time) {
	if s.manifest.Rows == 0 || at.Before(s.first) {
		s.first = at
	}
	if at.After(s.last) {
		s.last = at
	}
	s.manifest.Rows++
}

// end completes the file, after an error too: the rows before it are right.
func (s *stream) end(failed error) error {
	if s.rows == nil {
		if err := s.begin(); err != nil {
			return err
		}
	}
	closed := s.rows.close()
	m, q := &s.manifest, s.read.Question
	m.SHA256 = hex.EncodeToString(s.hash.Sum(nil))
	m.From, m.To, m.Cursor = q.From.String(), q.To.String(), q.Cursor
	if m.Rows > 0 {
		m.First, m.Last = s.first.UTC().Format(time.RFC3339Nano), s.last.UTC().Format(time.RFC3339Nano)
		m.Cursor = s.read.Cursor(s.row.place())
	}
	if failed != nil {
		return failed
	}
	m.Complete = closed == nil && (q.Limit == 0 || m.Rows < uint64(q.Limit))
	return closed
}

func (s *stream) how(err error) string {
	switch {
	case err == nil:
		return "whole"
	case s.rows == nil:
		return "refused"
	}
	return "cut"
}
