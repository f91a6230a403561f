package repair

import (
	"context"

	"ibarura/internal/clickhouse"
	"ibarura/internal/fence"
)

// Order says what to make anew.
type Order struct {
	Tables    []string // none: all aggregates
	Range     Range
	Project   string // empty: all
	EvenEmpty bool   // also what raw has no rows of
}

// Rebuild makes aggregates anew, see clickhouse.Rebuilder. It may be repeated
// after any error, and after it was killed.
func (r *Repairer) Rebuild(ctx context.Context, o Order) error {
	rebuilder := clickhouse.Rebuilder{Conn: r.Conn, Project: o.Project, EvenEmpty: o.EvenEmpty, Limits: r.Limits, Step: r.Step,
		Changing: clickhouse.Landed{Conn: r.Conn}.Changing}
	months, err := r.months(ctx, o.Range)
	if err != nil {
		return err
	}
	units, err := rebuilder.Units(ctx, o.Tables, months)
	if err != nil {
		return err
	}
	for _, u := range units {
		err := r.withClaim(ctx, "rebuild", func(claim *fence.Claim) error {
			rebuilder.Fencer = claim
			return rebuilder.Do(ctx, u)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
