// Command queries measures how fast questions are answered over a year of a
// community: every endpoint of the registry over HTTP, against the statements
// that it runs, sent to ClickHouse by themselves, and against the same question
// asked of the raw rows, whose answer has to be the same. Next to it: many
// readers at once, reading while events come in, the engine's memory, and what
// an event takes on the disk. The last line is the ratio of an endpoint's p50 to
// 1.2 times that of its statements and a millisecond, the worst of all.
//
// It stands at the end of the way from POST to chart, with a stopwatch. Run it
// in the root of the checkout: go run ./internal/bench/queries
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"ibarura/internal/bench/server"
)

type options struct {
	Size  string `default:"10m" help:"Events of the year, such as 500k, 10m or 100m; page views are a sixth as many, persons a hundredth."`
	Keep  string `type:"path" help:"Folder that keeps the histories; the measurements work on a copy, so that they stay as they were made. Empty: in the user's cache folder."`
	Seed  uint64 `default:"1" help:"Decides who does what and when."`
	Build bool   `help:"Make the history, and measure nothing."`

	Only    []string      `default:"storage,questions,readers,ingest,kept" help:"Sections to run: storage, questions, readers (many at once), ingest (reading while events come in) and kept (answers that serve keeps)."`
	Paths   []string      `help:"Ask only endpoints whose path begins with one of these."`
	Runs    int           `default:"25" help:"Most runs of a question, and of its statements, in turn."`
	Budget  time.Duration `default:"2s" help:"Time after which a question has been asked often enough, if it was five times. Asking raw has as much, and three times."`
	Readers int           `default:"8" help:"Readers at once, in section readers."`
	Rate    int           `default:"10000" help:"Events a second, in section ingest."`
	Load    time.Duration `default:"45s" help:"How long the sections readers and ingest take each, and at least until everything has been asked once."`
	Binary  string        `type:"existingfile" help:"The ibarura to measure. Empty: built from this checkout."`
}

// The sections of the report.
const (
	questionsSection = "questions"
	readersSection   = "readers"
	ingestSection    = "ingest"
	storageSection   = "storage"
	keptSection      = "kept"
)

var sections = []string{storageSection, questionsSection, readersSection, ingestSection, keptSection}

func main() {
	var o options
	kong.Parse(&o)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, &o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-queries:", err)
		os.Exit(1)
	}
}

func (o *options) check() error {
	if _, err := o.events(); err != nil {
		return err
	}
	if o.Runs < minRuns || o.Budget <= 0 || o.Load <= 0 || o.Readers < 1 || o.Readers > 1000 || o.Rate < ingestBatch {
		return fmt.Errorf("runs is at least %d, rate at least %d, readers is 1 to 1000, budget and load are more than 0", minRuns, ingestBatch)
	}
	for _, name := range o.Only {
		if !slices.Contains(sections, name) {
			return fmt.Errorf("there is no section %q, only %s", name, strings.Join(sections, ", "))
		}
	}
	return nil
}

// events reads the size.
func (o *options) events() (int, error) {
	digits, unit := strings.ToLower(o.Size), 1
	for suffix, n := range map[string]int{"k": 1_000, "m": 1_000_000} {
		if head, found := strings.CutSuffix(digits, suffix); found {
			digits, unit = head, n
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > 1_000_000 {
		return 0, fmt.Errorf("size is %q; it is a number of events, such as 10m", o.Size)
	}
	return n * unit, nil
}

func (o *options) wants(name string) bool { return slices.Contains(o.Only, name) }

// run is the table of contents.
func run(ctx context.Context, o *options) error {
	if err := o.check(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "ibarura-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.Binary == "" {
		if o.Binary, err = server.Build(ctx, dir); err != nil {
			return err
		}
	}
	kept, err := keep(ctx, o)
	if err != nil || o.Build {
		return err
	}
	work, err := kept.copy()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	b, err := newBench(o)
	if err != nil {
		return err
	}
	err = b.served(ctx, work, b.measure, keepNothing)
	if err == nil && o.wants(keptSection) {
		err = b.served(ctx, work, b.keptAnswers)
	}
	return errors.Join(err, b.conclude())
}

// The options of serve that are not its defaults.
const (
	inZone = "--project.timezone=" + zoneName
	// keepNothing lets every question be answered by its statements.
	keepNothing = "--query.cache-bytes=0"
)
