package loader

import (
	"slices"

	"ibarura/internal/clickhouse"
)

// fate is what is known of a batch beyond its rows: whether its token can be
// trusted.
//
// ClickHouse notes the token of a block in a table's log just before the block
// itself comes into the table. Killed between the two, it knows a token without
// rows, in raw or in any table that a view fills, and the same block sent again
// is dropped there. Within one process both happen or none, so a token proves
// nothing only if an attempt ended unheard in another process than the one that
// took the block at last.
type fate struct {
	note    func(process string) error // called before an attempt; nil: it need not be written down
	unheard []string                   // processes that got an attempt of which nothing was heard
	taken   bool                       // it needs no attempt any more
	doubted bool                       // it was taken, and some table may lack it
}

// unknownProcess is not even the same as another unknown one.
const unknownProcess = ""

// sending writes down which process gets the next attempt, before it does.
func (f *fate) sending(process string) error {
	if f.note == nil {
		return nil
	}
	return f.note(process)
}

// tries follows the attempts at one token.
type tries struct {
	process string   // that got the last one
	sent    bool     // the last one was
	unheard []string // see fate
}

func (f *fate) tries() *tries { return &tries{unheard: slices.Clone(f.unheard)} }

// begin forgets whether the last attempt was sent.
func (a *tries) begin() { a.sent = false }

func (a *tries) sending(process string) { a.process, a.sent = process, true }

// failed notes the error of an attempt. What ClickHouse answers with is an end
// that was heard of, unless it stumbled between the token and the block.
func (a *tries) failed(err error) {
	_, answered := clickhouse.CodeOf(err)
	switch {
	case !a.sent:
	case clickhouse.MidCommit(err):
		a.unheard = append(a.unheard, unknownProcess)
	case !answered:
		a.unheard = append(a.unheard, a.process)
	}
}

// doubtful reports whether the success of the last attempt proves nothing.
func (a *tries) doubtful() bool {
	return slices.ContainsFunc(a.unheard, func(process string) bool {
		return process == unknownProcess || process != a.process
	})
}
