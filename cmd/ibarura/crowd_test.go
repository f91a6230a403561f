package main

import (
	"encoding/json"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// crowd is producers that never rest and, as producers should, repeat a
// request until it is acknowledged.
type crowd struct {
	s    *instance
	path string

	next         atomic.Int64 // number of the first event that nobody has sent yet
	acknowledged atomic.Int64 // events
	overloaded   atomic.Int64 // 503 overloaded
	notYet       atomic.Int64 // 503 not_queryable_yet
	noAnswer     atomic.Int64 // the connection failed: serve was not there
	others       atomic.Int64

	stop      chan struct{}
	producers sync.WaitGroup
}

// gather starts a producer for each size, which sends so many events at a time.
func gather(s *instance, path string, sizes ...int) *crowd {
	c := &crowd{s: s, path: path, stop: make(chan struct{})}
	for _, size := range sizes {
		c.producers.Go(func() { c.produce(size) })
	}
	return c
}

func (c *crowd) produce(size int) {
	for {
		select {
		case <-c.stop:
			return
		default:
		}
		from := int(c.next.Add(int64(size))) - size
		body := ids(from, from+size)
		for !c.note(c.s.post(c.path, c.s.keys["write"], ndjson, body), size) {
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// note counts an answer and reports whether it acknowledges all events.
func (c *crowd) note(r reply, size int) bool {
	switch r.status {
	case http.StatusOK:
		var result struct{ Accepted, Duplicates int }
		if err := json.Unmarshal(r.body, &result); err != nil || result.Accepted+result.Duplicates != size {
			c.s.t.Errorf("%d events were answered with %s", size, r.body)
		}
		c.acknowledged.Add(int64(size))
		return true
	case http.StatusServiceUnavailable:
		if r.header.Get("Retry-After") == "" {
			c.s.t.Errorf("503 without Retry-After: %s", r.body)
		}
		c.countProblem(r)
	case 0:
		c.noAnswer.Add(1)
	default:
		c.others.Add(1)
		c.s.t.Errorf("%d %s", r.status, r.body)
	}
	return false
}

func (c *crowd) countProblem(r reply) {
	switch codeOf(c.s.t, r) {
	case "overloaded":
		c.overloaded.Add(1)
	case "not_queryable_yet":
		c.notYet.Add(1)
	default:
		c.others.Add(1)
		c.s.t.Errorf("%d %s", r.status, r.body)
	}
}

// disperse lets the producers have their last request acknowledged. Then every
// event that was acknowledged must be counted once, and serve must have been
// there all the time.
func (c *crowd) disperse() {
	t := c.s.t
	t.Helper()
	close(c.stop)
	c.producers.Wait()
	c.s.settled()
	counted := c.s.typeCounts("2020-01-01", "2100-01-01")["login"]
	if want := int(c.acknowledged.Load()); counted != want || want == 0 {
		t.Errorf("%d acknowledged, %d counted", want, counted)
	}
	if n := c.noAnswer.Load(); n > 0 {
		t.Errorf("%d requests had no answer, while only the engine died", n)
	}
	t.Logf("%d events acknowledged and counted; 503: %d overloaded, %d not queryable yet",
		counted, c.overloaded.Load(), c.notYet.Load())
}
