package erasure

import (
	"context"
	"time"

	"ibarura/internal/clickhouse"
	"ibarura/internal/spool"
)

// doPart does the spool's part of some orders: it loads what it had when it saw
// them; and once they are carried out, it gives up its segments from before as
// soon as their grace is over.
func (a *Agent) doPart(ctx context.Context, open []clickhouse.Erasure) error {
	said, err := a.said(ctx)
	if err != nil {
		return err
	}
	var fresh []clickhouse.Erasure
	var clean []clickhouse.ErasureSpool
	for _, o := range open {
		part, known := said[o.ID]
		switch {
		case !known:
			fresh = append(fresh, o)
		case part.State == clickhouse.SpoolDrained && purged(o) && a.cleared(&part):
			clean = append(clean, part)
		}
	}
	if err := a.drain(ctx, fresh); err != nil {
		return err
	}
	return a.put(ctx, clean)
}

// said is what this spool has said, by the order.
func (a *Agent) said(ctx context.Context) (map[string]clickhouse.ErasureSpool, error) {
	spools, err := a.d.Store.Spools(ctx, "")
	if err != nil {
		return nil, err
	}
	said := map[string]clickhouse.ErasureSpool{}
	for _, s := range spools {
		if s.Spool == a.d.Log.IDString() {
			said[s.Erasure] = s
		}
	}
	return said, nil
}

func purged(o clickhouse.Erasure) bool {
	return o.State != clickhouse.ErasureOrdered && o.State != clickhouse.ErasureCopied
}

// drain loads what the spool has now, for orders that it sees for the first
// time. Rows that come from now on are behind the cut.
func (a *Agent) drain(ctx context.Context, fresh []clickhouse.Erasure) error {
	if len(fresh) == 0 {
		return nil
	}
	position, seq := a.d.Log.Mark()
	waiting, done := context.WithTimeout(ctx, a.o.Patience)
	defer done()
	if err := a.d.Loading.Await(waiting, position); err != nil {
		return err
	}
	var list []clickhouse.ErasureSpool
	for _, o := range fresh {
		list = append(list, clickhouse.ErasureSpool{
			Erasure: o.ID, Spool: a.d.Log.IDString(), State: clickhouse.SpoolDrained, Cut: seq, Position: uint64(position),
		})
	}
	return a.put(ctx, list)
}

// cleared reports whether no segment is left from before the order; and sees to
// it that the newest one does not stay for ever.
func (a *Agent) cleared(part *clickhouse.ErasureSpool) bool {
	position := spool.LSN(part.Position)
	a.d.Log.Turn(position)
	if a.d.Log.First() < position {
		return false
	}
	part.State, part.Aside = clickhouse.SpoolClean, uint32(a.d.Log.Aside())
	return true
}

func (a *Agent) put(ctx context.Context, list []clickhouse.ErasureSpool) error {
	if len(list) == 0 {
		return nil
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	for i := range list {
		list[i].At = now
		list[i].Version++
	}
	return a.d.Store.PutSpools(ctx, list)
}
