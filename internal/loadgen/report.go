package loadgen

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"ibarura/internal/producer"
)

// Report is what a run achieved.
type Report struct {
	Requests   int
	Accepted   int
	Duplicates int
	Rejected   int
	Took       time.Duration
	latencies  latencies
}

func (r *Report) add(a *producer.Answer, latency time.Duration) {
	r.Requests++
	r.Accepted += a.Accepted
	r.Duplicates += a.Duplicates
	r.Rejected += len(a.Rejected) + a.Unlisted
	r.latencies.add(latency)
}

func (r *Report) merge(o *Report) {
	r.Requests += o.Requests
	r.Accepted += o.Accepted
	r.Duplicates += o.Duplicates
	r.Rejected += o.Rejected
	r.latencies.merge(&o.latencies)
}

// Rate is accepted items per second.
func (r *Report) Rate() float64 {
	if r.Took <= 0 {
		return 0
	}
	return float64(r.Accepted) / r.Took.Seconds()
}

// Quantile returns the latency that the share q (0 to 1) of the acknowledgements
// did not exceed, within 5 %; Quantile(1) is exact.
func (r *Report) Quantile(q float64) time.Duration { return r.latencies.quantile(q) }

// Print writes the report for people.
func (r *Report) Print(out io.Writer, attempts *Attempts) {
	_, _ = fmt.Fprintf(out, "%d items in %d requests accepted in %s: %.0f items/s; %d duplicates, %d rejected\n",
		r.Accepted, r.Requests, r.Took.Round(time.Millisecond), r.Rate(), r.Duplicates, r.Rejected)
	_, _ = fmt.Fprintf(out, "acknowledged after: p50 %s  p95 %s  p99 %s  max %s\n",
		short(r.Quantile(0.5)), short(r.Quantile(0.95)), short(r.Quantile(0.99)), short(r.Quantile(1)))
	attempts.print(out)
}

func short(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

// latencies is a histogram whose bounds grow by 5 %, from 10 µs to an hour: as
// exact as a report has to be, in memory that does not grow with the run.
type latencies struct {
	counts [maxBucket + 1]int
	total  int
	most   time.Duration
}

const maxBucket = 410

// bounds are the upper bounds of the buckets.
var bounds = func() (b [maxBucket + 1]time.Duration) {
	at := float64(10 * time.Microsecond)
	for i := range b {
		b[i] = time.Duration(at)
		at *= 1.05
	}
	return b
}()

func (l *latencies) add(d time.Duration) {
	i, _ := slices.BinarySearch(bounds[:], d)
	l.counts[min(i, maxBucket)]++
	l.total++
	l.most = max(l.most, d)
}

func (l *latencies) merge(o *latencies) {
	for i, n := range o.counts {
		l.counts[i] += n
	}
	l.total += o.total
	l.most = max(l.most, o.most)
}

func (l *latencies) quantile(q float64) time.Duration {
	seen := 0
	for i, n := range l.counts[:maxBucket] {
		seen += n
		if n > 0 && float64(seen) >= q*float64(l.total) {
			return min(bounds[i], l.most)
		}
	}
	return l.most
}

// Attempts counts the answers to single attempts; its Observe is for
// producer.Options. It is safe for concurrent use.
type Attempts struct {
	mu      sync.Mutex
	status  map[int]int
	retries int
	last    error
}

// Observe counts one attempt.
func (a *Attempts) Observe(one producer.Attempt) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.status == nil {
		a.status = map[int]int{}
	}
	a.status[one.Status]++
	if one.Pause > 0 {
		a.retries++
	}
	if one.Err != nil {
		a.last = one.Err
	}
}

// Count returns how many attempts were answered with a status; 0 counts those
// that had no answer.
func (a *Attempts) Count(status int) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.status[status]
}

func (a *Attempts) print(out io.Writer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, _ = fmt.Fprint(out, "answers:")
	for _, status := range slices.Sorted(maps.Keys(a.status)) {
		name := fmt.Sprint(status)
		if status == 0 {
			name = "none"
		}
		_, _ = fmt.Fprintf(out, "  %s: %d", name, a.status[status])
	}
	_, _ = fmt.Fprintf(out, "  (%d retries)\n", a.retries)
	if a.last != nil {
		_, _ = fmt.Fprintf(out, "the last failure: %v\n", a.last)
	}
}
