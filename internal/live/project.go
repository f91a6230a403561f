package live

import (
	"time"

	"ibarura/internal/rowblock"
)

// project is what is known of one project. The window is given up while the
// project is quiet.
type project struct {
	window   *window
	received Counts
	rate     rate
	topics   map[string]*topic
}

// fold counts the rows of a block, and shows them to the topics.
func (p *project) fold(b *rowblock.Block, now time.Time) {
	rows := p.window.fold(b)
	p.received.add(rows)
	p.rate.add(now.Unix(), rows)
	var wanting []*topic
	for _, t := range p.topics {
		if t.wants(b.Table()) {
			wanting = append(wanting, t)
		}
	}
	if len(wanting) == 0 {
		return
	}
	second := now.Unix()
	b.EachGlance(func(g *rowblock.Glance) {
		for _, t := range wanting {
			t.take(g, second)
		}
	})
}

// state returns the counters now.
func (p *project) state(now time.Time, complete bool) State {
	short, exact5 := p.window.count(shortWindow)
	long, exact30 := p.window.count(longWindow)
	return State{
		Active:    Active{short, long, exact5 && exact30 && complete && p.window.whole},
		Last30m:   p.window.counts(),
		PerSecond: p.rate.mean(now.Unix()),
		Received:  p.received,
	}
}
