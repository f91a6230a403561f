package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ibarura/internal/bench/markdown"
	"ibarura/internal/bench/wire"
	"ibarura/internal/report"
)

// result is what was measured of a question.
type result struct {
	question
	endpoint, bare, raw    wire.Latency // one reader
	atOnce, whileIngesting wire.Latency // nil: not measured
	rows, bytes            uint64       // read by the statements
	rawRows, rawBytes      uint64
	rawFailed              string
	failed                 bool
	statements             []report.Explained
}

func (r *result) name() string { return r.path + ", " + r.about }

// ratio is the endpoint against the bar of its statements.
func (r *result) ratio() float64 {
	reference := 1.2*float64(r.bare.Percentile(50)) + float64(time.Millisecond)
	return float64(r.endpoint.Percentile(50)) / reference
}

const (
	minRuns = 5
	rawRuns = 3
)

// alone measures every question with one reader.
func (b *bench) alone(ctx context.Context) error {
	for _, r := range b.asked {
		err := b.question(ctx, r)
		if ctx.Err() != nil {
			return errors.Join(b.printAlone(), ctx.Err()) // what there is so far
		}
		if err != nil {
			b.fail(r, err)
		}
	}
	return b.printAlone()
}

// fail notes that a question had no answer, or a wrong one, once.
func (b *bench) fail(r *result, err error) {
	if !r.failed {
		r.failed = true
		b.wrong = append(b.wrong, fmt.Errorf("%s: %w", r.name(), err))
	}
}

// question measures the endpoint and its statements in turn, after one run of
// each that warms up, and then the raw rows.
func (b *bench) question(ctx context.Context, r *result) error {
	var err error
	if r.statements, err = b.client.statements(ctx, &r.question); err != nil {
		return err
	}
	answer, _, err := b.client.ask(ctx, r.target(false))
	if err != nil {
		return err
	}
	b.bare.counted()
	if _, err := b.bare.run(ctx, r.statements); err != nil {
		return err
	}
	r.rows, r.bytes = b.bare.counted()
	for began := time.Now(); len(r.endpoint) < b.o.Runs && (len(r.endpoint) < minRuns || time.Since(began) < b.o.Budget); {
		_, took, err := b.client.ask(ctx, r.target(false))
		if err != nil {
			return err
		}
		r.endpoint = append(r.endpoint, took)
		if took, err = b.bare.run(ctx, r.statements); err != nil {
			return err
		}
		r.bare = append(r.bare, took)
	}
	slices.Sort(r.endpoint)
	slices.Sort(r.bare)
	return b.fromRaw(ctx, r, answer)
}

// fromRaw asks the same of raw rows, and compares the answers.
func (b *bench) fromRaw(ctx context.Context, r *result, answer []byte) error {
	explained := r.Question
	explained.Explain = true
	plan, err := b.raw.Answer(ctx, r.path, explained)
	if err != nil {
		return err
	}
	if slices.Equal(queriesOf(plan.Explain), queriesOf(r.statements)) {
		return nil // there is no other way
	}
	b.bare.counted()
	for began := time.Now(); len(r.raw) < rawRuns && (len(r.raw) == 0 || time.Since(began) < b.o.Budget); {
		began := time.Now()
		got, err := b.raw.Answer(ctx, r.path, r.Question)
		if code := (&clickhouse.Exception{}); errors.As(err, &code) {
			r.rawFailed = code.Name // beyond the limits that the endpoint keeps too
			return nil
		}
		if err != nil {
			return err
		}
		r.raw = append(r.raw, time.Since(began))
		if len(r.raw) > 1 {
			continue
		}
		r.rawRows, r.rawBytes = b.bare.counted()
		if err := same(answer, got); err != nil {
			return err
		}
	}
	slices.Sort(r.raw)
	return nil
}

// queriesOf names the statements, in order of their names.
func queriesOf(list []report.Explained) []string {
	var names []string
	for _, e := range list {
		names = append(names, e.Query)
	}
	slices.Sort(names)
	return names
}

// same compares the data of an answer over HTTP with that of raw rows.
func same(body []byte, raw *report.Answer) error {
	text, err := json.Marshal(raw)
	if err != nil {
		return err
	}
	var got, want struct{ Data any }
	if err := errors.Join(json.Unmarshal(body, &got), json.Unmarshal(text, &want)); err != nil {
		return err
	}
	if !reflect.DeepEqual(got, want) {
		return errors.New("the answer is not that of the raw rows")
	}
	return nil
}

func (b *bench) printAlone() error {
	fmt.Printf("\n### One reader\n\nMilliseconds. The endpoint over HTTP and its statements alone, in turn, %d to %d times each; then the same question of the raw rows, up to %d times, whose answer has to be the same: a dash where raw rows are what the endpoint reads.\n",
		minRuns, b.o.Runs, rawRuns)
	t := markdown.New("question:", "range:", "p50", "p95", "statements, p50", "of the bar", "rows read", "MB read", "raw, p50", "raw rows read", "raw MB read")
	for _, r := range b.asked {
		if len(r.endpoint) == 0 {
			t.Add(r.path, r.about, r.unanswered(), "-", "-", "-", "-", "-", "-", "-", "-")
			continue
		}
		t.Add(append([]any{
			r.path, r.about, millis(r.endpoint.Percentile(50)), millis(r.endpoint.Percentile(95)), millis(r.bare.Percentile(50)),
			fmt.Sprintf("%.2f", r.ratio()), thousands(float64(r.rows)), megabytes(r.bytes),
		}, r.rawCells()...)...)
	}
	return t.Print(os.Stdout)
}

// unanswered says why there is no figure: a run that was interrupted leaves
// questions that were not asked.
func (r *result) unanswered() string {
	if r.failed {
		return "failed"
	}
	return "not asked"
}

func (r *result) rawCells() []any {
	switch {
	case r.rawFailed != "":
		return []any{r.rawFailed, "-", "-"}
	case len(r.raw) == 0:
		return []any{"-", "-", "-"}
	}
	return []any{millis(r.raw.Percentile(50)), thousands(float64(r.rawRows)), megabytes(r.rawBytes)}
}
