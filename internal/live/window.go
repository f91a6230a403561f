package live

import (
	"ibarura/internal/event"
	"ibarura/internal/rowblock"
)

// Counts are numbers of rows by kind; page views of robots are not in them.
type Counts struct {
	Events    uint64 `json:"events"`
	PageViews uint64 `json:"page_views"`
}

func (c *Counts) add(o Counts) {
	c.Events += o.Events
	c.PageViews += o.PageViews
}

// atLeast returns the larger of each number.
func (c Counts) atLeast(o Counts) Counts {
	return Counts{max(c.Events, o.Events), max(c.PageViews, o.PageViews)}
}

// window is what happened in a project in the last half hour.
type window struct {
	*presence
	whole bool // what the tables held at the beginning is in it

	// By slot, what this process took in and what the tables had when they were
	// last asked. Each row of the tables was taken in by somebody, so that the
	// larger one is the better.
	taken, stored [ringSlots]Counts
}

func newWindow(limit int, now slot, whole bool) *window {
	return &window{presence: newPresence(limit, now), whole: whole}
}

func (w *window) advance(to slot) {
	for at := max(w.now, to-min(to, ringSlots)); at < to; {
		at++
		w.taken[at%ringSlots], w.stored[at%ringSlots] = Counts{}, Counts{}
	}
	w.presence.advance(max(to, w.now))
}

// fold counts the rows of a block and returns how many there are.
func (w *window) fold(b *rowblock.Block) (rows Counts) {
	isEvent := b.Table() == rowblock.Events
	b.EachMoment(func(m rowblock.Moment) {
		if m.Robot {
			return
		}
		one := Counts{PageViews: 1}
		if isEvent {
			one = Counts{Events: 1}
		}
		rows.add(one)
		at := min(slotOf(m.OccurredAt), w.now)
		if at+longWindow < w.now {
			return
		}
		w.taken[at%ringSlots].add(one)
		if m.Person != 0 && !m.Passive {
			w.see(m.Person, at)
		}
	})
	return rows
}

func slotOf(at event.Millis) slot { return slot(max(at, 0) / (1000 * slotSeconds)) }

func (w *window) counts() (sum Counts) {
	for back := range longWindow + 1 {
		i := (w.now - back) % ringSlots
		sum.add(w.taken[i].atLeast(w.stored[i]))
	}
	return sum
}

func (w *window) empty() bool { return len(w.last) == 0 && w.counts() == Counts{} }

// rate is how much came in each of the last seconds.
type rate struct {
	now     int64 // Unix seconds
	seconds [rateSeconds]Counts
}

// rateSeconds is over how long a rate is the mean.
const rateSeconds = 10

func (r *rate) advance(now int64) {
	for at := max(r.now, now-rateSeconds); at < now; {
		at++
		r.seconds[at%rateSeconds] = Counts{}
	}
	r.now = max(r.now, now)
}

func (r *rate) add(now int64, c Counts) {
	r.advance(now)
	r.seconds[r.now%rateSeconds].add(c)
}

// Rates are rows a second by kind.
type Rates struct {
	Events    float64 `json:"events"`
	PageViews float64 `json:"page_views"`
}

func (r *rate) mean(now int64) Rates {
	r.advance(now)
	var sum Counts
	for _, c := range r.seconds {
		sum.add(c)
	}
	return Rates{float64(sum.Events) / rateSeconds, float64(sum.PageViews) / rateSeconds}
}
