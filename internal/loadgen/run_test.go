package loadgen_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"ibarura/internal/loadgen"
	"ibarura/internal/producer"
)

// counter accepts everything.
type counter struct {
	delay time.Duration
	err   error

	mu    sync.Mutex
	items map[producer.Kind]int
	ids   map[string]bool
}

func (c *counter) Post(_ context.Context, kind producer.Kind, lines []byte, _ bool) (producer.Answer, error) {
	time.Sleep(c.delay)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.items == nil {
		c.items, c.ids = map[producer.Kind]int{}, map[string]bool{}
	}
	n := 0
	for line := range bytes.Lines(lines) {
		c.ids[string(line[loadgen.IDOffset:loadgen.IDOffset+loadgen.IDBytes])] = true
		n++
	}
	c.items[kind] += n
	return producer.Answer{Accepted: n}, c.err
}

func TestRunKeepsItsRate(t *testing.T) {
	c := &counter{}
	report, err := loadgen.Run(t.Context(), c, loadgen.RunOptions{
		Rate: 20_000, Batch: 100, Connections: 3, Duration: time.Second, PageViews: 0.25,
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Accepted < 18_000 || report.Accepted > 20_200 {
		t.Errorf("%d items in a second, want 20,000", report.Accepted)
	}
	if got := c.items[producer.Events] + c.items[producer.PageViews]; got != report.Accepted || len(c.ids) != got {
		t.Errorf("%d items posted with %d ids, %d reported", got, len(c.ids), report.Accepted)
	}
	if share := float64(c.items[producer.PageViews]) / float64(report.Accepted); share < 0.24 || share > 0.26 {
		t.Errorf("%.2f of the items are page views", share)
	}
}

// A server that is too slow for the rate shows in the latency, which counts
// from when a request was due.
func TestStallsAreNotHidden(t *testing.T) {
	report, err := loadgen.Run(t.Context(), &counter{delay: 50 * time.Millisecond}, loadgen.RunOptions{
		Rate: 4000, Batch: 100, Connections: 1, Duration: time.Second, // one request every 25 ms
	})
	if err != nil {
		t.Fatal(err)
	}
	if p95 := report.Quantile(0.95); p95 < 300*time.Millisecond {
		t.Errorf("p95 is %s", p95)
	}
}

func TestRunEndsWithItsContextWithoutAnError(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	report, err := loadgen.Run(ctx, &counter{}, loadgen.RunOptions{Rate: 10, Batch: 1, Connections: 2, Duration: time.Hour})
	if err != nil || report.Requests == 0 || time.Since(began) > 10*time.Second {
		t.Errorf("%v, %d requests, %s", err, report.Requests, time.Since(began))
	}
}

func TestRunEndsWhenThePosterGivesUp(t *testing.T) {
	refused := errors.New("refused")
	_, err := loadgen.Run(t.Context(), &counter{err: refused}, loadgen.RunOptions{Batch: 1, Connections: 2, Duration: time.Hour})
	if !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
}

func TestRunOptionsHaveBounds(t *testing.T) {
	good := loadgen.RunOptions{Batch: 1, Connections: 1, Duration: time.Second}
	for name, change := range map[string]func(*loadgen.RunOptions){
		"rate":        func(o *loadgen.RunOptions) { o.Rate = -1 },
		"batch":       func(o *loadgen.RunOptions) { o.Batch = 0 },
		"connections": func(o *loadgen.RunOptions) { o.Connections = 0 },
		"duration":    func(o *loadgen.RunOptions) { o.Duration = 0 },
		"page views":  func(o *loadgen.RunOptions) { o.PageViews = 1.5 },
	} {
		o := good
		change(&o)
		if _, err := loadgen.Run(t.Context(), &counter{}, o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestReportNamesAnswersAndFailures(t *testing.T) {
	var attempts loadgen.Attempts
	attempts.Observe(producer.Attempt{Status: 200})
	attempts.Observe(producer.Attempt{Status: 503, Err: errors.New("busy"), Pause: time.Second})
	attempts.Observe(producer.Attempt{Err: errors.New("connection refused"), Pause: time.Second})
	var out strings.Builder
	(&loadgen.Report{Accepted: 500, Requests: 1, Took: time.Second}).Print(&out, &attempts)
	for _, want := range []string{"500 items/s", "none: 1", "200: 1", "503: 1", "(2 retries)", "connection refused"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in %s", want, out.String())
		}
	}
}
