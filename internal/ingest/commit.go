package ingest

import (
	"errors"
	"fmt"
	"slices"

	"ibarura/internal/spool"
)

// landing is a commit whose rows are in line for the disk.
type landing struct {
	flight *Flight
	ticket *spool.Ticket // nil if there was no new row
	rows   perTable
	shown  []*part // what the watcher is offered once it is durable; nil: nobody watches

	// unsure are rows whose ids another request has claimed: duplicates if that
	// one lands, else rows of ours.
	unsure batch
	others []*Flight
}

// commit claims the ids of the batch's rows, drops duplicates and appends the
// rest to the log as one unit. Whether it becomes durable is known when the
// landing is settled.
func (in *intake) commit() error {
	l := &landing{flight: in.service.seen.Begin()}
	var duplicates perTable
	for _, p := range in.batch.parts {
		duplicates[p.table] += in.claim(p, l)
	}
	err := in.append(l)
	if err == nil && l.ticket != nil && in.service.watcher != nil {
		l.shown, in.batch = in.batch.parts, batch{}
	} else {
		in.batch.release()
	}
	if err != nil {
		in.service.seen.Settle(l.flight, false)
		l.unsure.release()
		return err
	}
	in.duplicate(duplicates)
	in.landing = append(in.landing, l)
	return nil
}

// claim goes through the keys of a part, drops the rows that are not fresh, and
// returns how many are duplicates for certain.
func (in *intake) claim(p *part, l *landing) int {
	var drop, unsure []bool // made when the first row is not fresh
	duplicates := 0
	for i, key := range p.keys {
		if key == (Key{}) {
			continue
		}
		v, other := in.service.seen.claim(key, l.flight, in.now)
		if v == fresh {
			continue
		}
		if drop == nil {
			drop, unsure = make([]bool, len(p.keys)), make([]bool, len(p.keys))
		}
		drop[i] = true
		if v == known || other == l.flight {
			duplicates++
			continue
		}
		unsure[i] = true
		if !slices.Contains(l.others, other) {
			l.others = append(l.others, other)
		}
	}
	if drop == nil {
		return 0
	}
	if slices.Contains(unsure, true) {
		c := p.copyOf(unsure)
		l.unsure.parts = append(l.unsure.parts, c)
		l.unsure.rows += len(c.keys)
	}
	for i := range drop {
		drop[i] = !drop[i]
	}
	p.keep(drop)
	return duplicates
}

func (in *intake) append(l *landing) error {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	records, encoded := in.batch.records((*buffer)[:0])
	if cap(encoded) <= 2*commitBytes {
		*buffer = encoded[:0]
	}
	if len(records) == 0 {
		return nil
	}
	for _, r := range records {
		l.rows[r.Table] += int(r.Rows)
	}
	var err error
	l.ticket, err = in.service.log.Append(in.ctx, records)
	return in.notTaken(err)
}

// notTaken says what it means for the producer that the log did not take rows.
func (in *intake) notTaken(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, spool.ErrFull):
		in.service.metrics.overloaded.Inc()
		return ErrOverloaded
	default:
		return fmt.Errorf("%w: %w", ErrNotDurable, err)
	}
}

// resolve waits for the requests that had claimed ids of ours. Then it is known
// which of the rows are duplicates; those that are not become a commit.
func (in *intake) resolve() error {
	for _, l := range in.unsure {
		for _, other := range l.others {
			select {
			case <-other.Done():
			case <-in.ctx.Done():
				return in.ctx.Err()
			}
		}
		in.batch.parts = append(in.batch.parts, l.unsure.parts...)
		in.batch.rows += l.unsure.rows
	}
	in.unsure = nil
	if err := in.commit(); err != nil {
		return err
	}
	return in.land(0)
}

// touchDown waits until the rows are durable. A client that goes away
// meanwhile does not wait, but the ids are still settled by what becomes of the rows.
func (in *intake) touchDown(l *landing) error {
	seen := in.service.seen
	if l.ticket == nil {
		seen.Settle(l.flight, true)
		return nil
	}
	select {
	case <-l.ticket.Done():
	case <-in.ctx.Done():
		go func() {
			<-l.ticket.Done()
			seen.Settle(l.flight, l.ticket.Err() == nil)
			in.service.show(in.req.Project.Name, l)
		}()
		return in.ctx.Err()
	}
	err := l.ticket.Err()
	seen.Settle(l.flight, err == nil)
	in.service.show(in.req.Project.Name, l)
	if err != nil {
		return in.notTaken(err)
	}
	in.accept(l.rows)
	in.end = max(in.end, l.ticket.End())
	return nil
}
