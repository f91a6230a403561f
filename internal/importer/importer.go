// Package importer reads a file of events, page views or access log lines and
// posts it to a running server, as any producer would: it stands before the
// front door, at the very beginning of the way from POST to chart.
//
// What makes it more than a loop: every item without an id gets one from its
// content, so that the same file imported twice changes no number; what was
// acknowledged is written down, so that an import that was cut short goes on
// where it stood; and what the server rejects is listed by the file's lines.
// Its memory does not grow with the file.
//
// The way of a line: source (open, decompress) -> lineReader -> an itemizer
// (one a format) -> batch -> producer.Client -> ledger (order, counts, rejects,
// state).
package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sync/errgroup"

	"ibarura/internal/producer"
)

// Poster sends one batch until it is acknowledged; see producer.Client.Post.
// The importer calls it from several goroutines.
type Poster interface {
	Post(ctx context.Context, kind producer.Kind, lines []byte, wait bool) (producer.Answer, error)
}

// Options say how a file is imported.
type Options struct {
	// Path of the file; "-" is the standard input, which cannot be resumed.
	Path string
	// Format of its lines; FormatAuto looks at the first ones.
	Format Format
	// Kind of its items; empty: by the content. Access logs are page views.
	Kind producer.Kind

	// BatchLines is how many lines go into one request. 0: 1000, which is also
	// the most rejections that a server lists in one answer.
	BatchLines int
	// Requests is how many requests are under way at once. 0: 4.
	Requests int
	// Wait asks for every request that its items can be queried before it is
	// acknowledged, not only for the last one.
	Wait bool

	// StateDir is where unfinished imports are remembered. Required.
	StateDir string
	// Target tells destinations apart (address and key), so that an import into
	// one server is not resumed into another. Only its hash is kept.
	Target string
	// Restart forgets what an earlier, unfinished import had sent.
	Restart bool

	// RejectsPath is the file that rejected lines are listed in. Empty: the
	// file's path with .rejects, or import.rejects in the working directory for
	// what is not a regular file. It is removed if nothing is rejected.
	RejectsPath string
	// AppendRejects keeps what RejectsPath holds already: of another file of the
	// same command.
	AppendRejects bool
	// OnReject is called for each rejected line, in the file's order. Nil: nobody
	// is told.
	OnReject func(Reject)

	// Progress follows the import. Nil: nobody does.
	Progress Progress
	// Stdin is what Path "-" reads.
	Stdin io.Reader
}

const (
	defaultBatchLines = 1000
	defaultRequests   = 4
)

// Progress is told how far an import is. Its methods are called from one
// goroutine at a time.
type Progress interface {
	// Start tells the file's size in bytes, as it lies on disk; -1: unknown.
	Start(name string, size int64)
	// Update tells how many bytes have been read and how many items answered
	// for, by this run.
	Update(bytes int64, items int)
	// Stop ends it, whether or not the end was reached.
	Stop()
}

// Summary is what became of a file's lines, over all the runs that it took.
type Summary struct {
	Name        string // of the file, for people
	Format      Format
	Kind        producer.Kind
	Lines       int // of the file, blank ones included, as far as they are answered for
	Accepted    int
	Duplicates  int
	Rejected    int
	ResumedFrom int           // lines that earlier runs had brought in; 0: from the beginning
	Items       int           // items answered for by this run
	Took        time.Duration // of this run
	RejectsPath string        // empty if nothing was rejected
	Resumable   bool          // a run that ended early can be continued
}

// ErrInterrupted means that the context ended first. The next run of the same
// import goes on from there, if the file is one that can be read again.
var ErrInterrupted = errors.New("interrupted")

// Run imports one file and returns once all of it can be queried. On an error
// the summary tells how far it came.
func Run(ctx context.Context, poster Poster, o Options) (Summary, error) {
	o = o.withDefaults()
	began := time.Now()
	src, err := openSource(o.Path, o.Stdin)
	if err != nil {
		return Summary{}, err
	}
	defer src.Close()
	if o.Format, o.Kind, err = recognize(src, o.Format, o.Kind); err != nil {
		return Summary{}, fmt.Errorf("%s: %w", src.name, err)
	}
	led, err := openLedger(src, &o)
	if err != nil {
		return Summary{}, err
	}
	o.Progress.Start(src.name, src.size)
	err = transfer(ctx, poster, src, led, &o)
	o.Progress.Stop()
	err = errors.Join(err, led.close(err == nil))
	summary := led.summary()
	summary.Took = time.Since(began)
	if err != nil {
		return summary, fmt.Errorf("%s: %w", src.name, err)
	}
	return summary, nil
}

func (o Options) withDefaults() Options {
	if o.BatchLines <= 0 {
		o.BatchLines = defaultBatchLines
	}
	if o.Requests <= 0 {
		o.Requests = defaultRequests
	}
	if o.OnReject == nil {
		o.OnReject = func(Reject) {}
	}
	if o.Progress == nil {
		o.Progress = noProgress{}
	}
	return o
}

// transfer reads in one goroutine and posts in others, until the last batch is
// acknowledged.
func transfer(ctx context.Context, poster Poster, src *source, led *ledger, o *Options) error {
	reading, stopReading := context.WithCancel(ctx)
	defer stopReading()
	cut := startCutter(reading, src, led.newItemizer(o), led.resumeFrom(), o)
	last, readErr, err := postAll(ctx, poster, cut, led, o)
	if err == nil && last != nil {
		// Everything before it is acknowledged, so this answer means: all of it
		// can be queried.
		if err = ctx.Err(); err == nil {
			err = postOne(ctx, poster, last, true, led, o)
		}
	}
	stopReading()
	if !src.stream { // a read from a pipe may never end; nobody waits for it
		<-cut.done
	}
	err = cmp.Or(err, readErr)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return ErrInterrupted
	}
	return err
}

// postAll posts every batch but the last one, which it returns. readErr says
// why there are no more batches if that is not the end of the file; err why one
// could not be posted.
func postAll(ctx context.Context, poster Poster, cut *cutter, led *ledger, o *Options) (last *batch, readErr, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(o.Requests)
	for {
		var b *batch
		if b, readErr = cut.next(ctx); b == nil {
			break
		}
		if readErr = led.admit(ctx); readErr != nil {
			break
		}
		if ready := last; ready != nil {
			group.Go(func() error { return postOne(ctx, poster, ready, o.Wait, led, o) })
		}
		last = b
	}
	return last, readErr, group.Wait()
}

// postOne posts a batch and enters its answer. A batch without items is only
// posted if its answer has to say that all is queryable.
func postOne(ctx context.Context, poster Poster, b *batch, wait bool, led *ledger, o *Options) error {
	var answer producer.Answer
	if len(b.lines) > 0 || (wait && led.postedAny()) {
		var err error
		if answer, err = poster.Post(ctx, o.Kind, b.body, wait); err != nil {
			return err
		}
	}
	return led.enter(b, answer)
}
