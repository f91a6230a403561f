package spool

import "context"

// Ticket tells what became of an appended unit.
type Ticket struct {
	outcome *outcome
	end     int // of the unit within its group
}

// outcome is shared by the units of a group. The fields are written before done
// is closed.
type outcome struct {
	done chan struct{}
	base LSN // of the group
	err  error
}

// Done is closed when the outcome is known.
func (t *Ticket) Done() <-chan struct{} { return t.outcome.done }

// Err is valid after Done. nil: the unit is durable by the policy. Otherwise
// nothing of it is ever read by this process, nor by a later one as far as the
// disk, whose error this is, allows.
func (t *Ticket) Err() error { return t.outcome.err }

// Wait waits for the outcome and returns it, or the error of ctx; then the
// outcome is open.
func (t *Ticket) Wait(ctx context.Context) error {
	select {
	case <-t.Done():
		return t.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// End is the end of the unit's last record, valid after success: all of the
// unit is loaded once all before this position is.
func (t *Ticket) End() LSN { return t.outcome.base + LSN(t.end) }
