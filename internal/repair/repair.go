package repair

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ibarura/internal/clickhouse"
	"ibarura/internal/fence"
)

// Repairer verifies and rebuilds. It may be used by one goroutine.
type Repairer struct {
	Conn   driver.Conn
	Take   func(ctx context.Context, purpose string) (*fence.Claim, error)
	Limits clickhouse.RepairLimits
	// Step, if it is not nil, is told what was done.
	Step func(step string)
}

// tries are the attempts at a portion of work whose claim was lost, or whose
// rows were changed meanwhile.
const tries = 5

// withClaim does a portion of work, as often as it takes.
func (r *Repairer) withClaim(ctx context.Context, purpose string, do func(*fence.Claim) error) error {
	for try := 1; ; try++ {
		err := r.once(ctx, purpose, do)
		again := errors.Is(err, fence.ErrLost) || errors.Is(err, clickhouse.ErrMoved)
		if !again || try == tries || ctx.Err() != nil {
			return err
		}
		r.step(fmt.Sprintf("once more, since %v", err))
	}
}

func (r *Repairer) once(ctx context.Context, purpose string, do func(*fence.Claim) error) error {
	claim, err := r.Take(ctx, purpose)
	if err != nil {
		return err
	}
	return lostOr(ctx, claim, errors.Join(do(claim), claim.Close()))
}

// lostOr tells a statement whose tables are gone because the claim is lost from
// any other failure.
func lostOr(ctx context.Context, claim *fence.Claim, err error) error {
	const unknownTable = 60
	if code, ok := clickhouse.CodeOf(err); ok && code == unknownTable && claim.Lost(ctx) {
		return errors.Join(fence.ErrLost, err)
	}
	return err
}

func (r *Repairer) step(step string) {
	if r.Step != nil {
		r.Step(step)
	}
}

// Range are whole months, by their first days; To is not in it. A zero time is an
// open end.
type Range struct{ From, To time.Time }

// months lists those of the range that have rows.
func (r *Repairer) months(ctx context.Context, within Range) ([]time.Time, error) {
	all, err := clickhouse.MonthsWithRows(ctx, r.Conn)
	return slices.DeleteFunc(all, func(m time.Time) bool {
		return m.Before(within.From) || !within.To.IsZero() && !m.Before(within.To)
	}), err
}
