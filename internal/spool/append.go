package spool

import (
	"context"
	"fmt"
)

// Append puts records in line as one unit: all of them survive a crash or none
// does. It returns as soon as they are in line for the next group; the ticket
// tells when they are durable. It waits while more than MaxGroupBytes are in
// line. Besides the error of ctx it returns ErrFull, ErrBroken, ErrClosed,
// ErrTooLarge or ErrInvalid, and then nothing was taken.
func (s *Spool) Append(ctx context.Context, records []Record) (*Ticket, error) {
	u := units.Get().(*unit)
	defer u.release()
	if err := u.prepare(records, s.o.Compression); err != nil {
		return nil, err
	}
	if u.size > s.o.MaxGroupBytes {
		return nil, fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, u.size, s.o.MaxGroupBytes)
	}
	for {
		ticket, wait, err := s.line.join(u, s.o.MaxGroupBytes)
		if err != nil {
			s.metrics.refused(err, 1)
		}
		if wait == nil {
			return ticket, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
