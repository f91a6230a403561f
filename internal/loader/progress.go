package loader

import (
	"context"
	"sync"

	"ibarura/internal/spool"
)

// progress knows which cuts are under way, and up to where everything is
// loaded.
type progress struct {
	mu      sync.Mutex
	done    spool.LSN // everything before it is loaded
	ahead   map[spool.LSN]spool.LSN
	active  map[spool.LSN]int // cuts under way, and the blocks that had been begun with each
	blocks  int               // begun
	fences  int
	wanted  spool.LSN     // somebody waits for everything before it
	changed chan struct{} // closed and replaced at every change
	ended   chan struct{}
}

func (p *progress) init(loaded spool.LSN) {
	p.done = loaded
	p.ahead = map[spool.LSN]spool.LSN{}
	p.active = map[spool.LSN]int{}
	p.changed = make(chan struct{})
	p.ended = make(chan struct{})
}

func (p *progress) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *progress) loaded() spool.LSN {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}

// look returns up to where everything is loaded, and a channel that is closed
// when that may have changed.
func (p *progress) look() (spool.LSN, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done, p.changed
}

func (p *progress) hurry(position spool.LSN) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if position > p.wanted {
		p.wanted = position
		p.wake()
	}
}

// blocksAhead is how many blocks may be begun beyond a cut that is not loaded:
// well below the 10,000 tokens that ClickHouse remembers of a table, of which a
// block may use up two where a table is fed from both raw ones.
const blocksAhead = 2000

// begin notes a cut of so many blocks under way, unless there is a fence, or a
// cut has been left so far behind that its tokens might be forgotten.
func (p *progress) begin(from spool.LSN, blocks int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fences > 0 {
		return false
	}
	for _, begun := range p.active {
		if p.blocks-begun >= blocksAhead {
			return false
		}
	}
	p.blocks += blocks
	p.active[from] = p.blocks
	return true
}

// fence lets no cut begin until it is taken away.
func (p *progress) fence(change int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fences += change
	p.wake()
}

// finish notes the end of a cut that is loaded, and returns up to where
// everything is.
func (p *progress) finish(from, to spool.LSN) spool.LSN {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.active, from)
	return p.advance(from, to)
}

// pass notes a stretch of the log that holds no rows, and returns up to where
// everything is loaded.
func (p *progress) pass(from, to spool.LSN) spool.LSN {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.advance(from, to)
}

// advance notes a stretch of which nothing is left to load; p.mu is held.
func (p *progress) advance(from, to spool.LSN) spool.LSN {
	p.ahead[from] = to
	for {
		to, ok := p.ahead[p.done]
		if !ok {
			break
		}
		delete(p.ahead, p.done)
		p.done = to
	}
	p.wake()
	return p.done
}

// abandon notes the end of a cut that is not loaded.
func (p *progress) abandon(from spool.LSN) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.active, from)
	p.wake()
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.ended:
	default:
		close(p.ended)
	}
}

// state is what a decision to cut needs: whether cuts are under way, whether
// somebody waits beyond a position, and a channel closed when either changes.
func (p *progress) state(from spool.LSN) (busy, wanted bool, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.active) > 0, p.wanted > from, p.changed
}

func (p *progress) awaitIdle(ctx context.Context) error {
	for {
		p.mu.Lock()
		active, changed := len(p.active), p.changed
		p.mu.Unlock()
		if active == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
