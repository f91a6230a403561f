package repair

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ibarura/internal/clickhouse"
	"ibarura/internal/fence"
	"ibarura/internal/proof"
)

// Question says what to hold against raw.
type Question struct {
	Tables  []string // none: all aggregates
	Range   Range
	Project string // empty: all
}

// Table is what was found of one aggregate.
type Table struct {
	Table     string  `json:"table"`
	Rows      uint64  `json:"rows"`      // that raw says it has to have
	Periods   uint64  `json:"periods"`   // that were compared, over all projects
	Differing uint64  `json:"differing"` // rows that only one side has
	Drifts    []Drift `json:"drifts,omitempty"`
}

// Drift is a period of a project in which an aggregate does not say what raw does.
type Drift struct {
	Project   string          `json:"project"`
	Period    string          `json:"period,omitempty"` // its first day; none: of all time
	Differing uint64          `json:"differing"`
	Examples  []proof.Example `json:"-"` // rows: they may hold what people sent
}

// mostDrifts bounds the drifts of a table that are looked into and kept.
const mostDrifts = 1000

// Verify holds every aggregate against raw, exactly, while rows are loaded: of
// each portion it takes a snapshot behind a fence and compares that, first by
// sums of hashes, and row by row where they differ. Derived tables are compared
// as far as nothing has landed since they were made.
func (r *Repairer) Verify(ctx context.Context, q Question) ([]Table, error) {
	months, err := r.months(ctx, q.Range)
	if err != nil {
		return nil, err
	}
	aggregates, derived := q.split()
	var units []*clickhouse.Unit
	if len(aggregates) > 0 || len(q.Tables) == 0 {
		if units, err = (clickhouse.Rebuilder{Conn: r.Conn}).Units(ctx, aggregates, months); err != nil {
			return nil, err
		}
	}
	rawFrom, err := clickhouse.Retentions{Conn: r.Conn}.RawFrom(ctx)
	if err != nil {
		return nil, err
	}
	v := &verification{repairer: r, question: q, rawFrom: rawFrom}
	for _, u := range units {
		pairs := v.pairs(u)
		if len(pairs) == 0 {
			continue
		}
		var found []Table
		err := r.withClaim(ctx, "verify", func(claim *fence.Claim) error {
			found, err = v.unit(ctx, claim, u, pairs)
			return err
		})
		if err != nil {
			return v.tables, fmt.Errorf("verify %s: %w", u, err)
		}
		v.add(found)
		r.step("verified " + u.String())
	}
	return v.tables, v.derived(ctx, derived)
}

type verification struct {
	repairer *Repairer
	question Question
	rawFrom  map[string]time.Time // of projects whose older raw rows were removed for their age
	tables   []Table
}

// pairs are those of the unit's aggregates that are asked for, not those that
// they are made from.
func (v *verification) pairs(u *clickhouse.Unit) []proof.Pair {
	return slices.DeleteFunc(proof.Aggregates(), func(p proof.Pair) bool {
		asked := len(v.question.Tables) == 0 || slices.Contains(v.question.Tables, p.Name)
		return !asked || !slices.Contains(u.Tables(), p.Name)
	})
}

func (v *verification) unit(ctx context.Context, claim *fence.Claim, u *clickhouse.Unit, pairs []proof.Pair) ([]Table, error) {
	name := func(table string) string { return clickhouse.RepairTable(claim.ID(), "snap_"+table) }
	if err := v.snapshot(ctx, claim, u, name); err != nil {
		return nil, err
	}
	projects, err := v.projects(ctx, u, name)
	if err != nil {
		return nil, err
	}
	part := proof.Part{Name: name, Settings: v.repairer.Limits.Settings()}
	part.From, part.To = u.Period()
	var found []Table
	for _, p := range pairs {
		t := Table{Table: p.Name}
		for _, project := range projects {
			part, whole := v.whole(part, project)
			if !whole {
				continue
			}
			if err := v.compare(ctx, p, part, &t); err != nil {
				return nil, fmt.Errorf("compare %s with raw: %w", p.Name, err)
			}
		}
		found = append(found, t)
	}
	return found, nil
}

// whole narrows a portion to the days of which a project's raw rows are all
// there; false: there are none, or what is compared has no days.
func (v *verification) whole(part proof.Part, project string) (proof.Part, bool) {
	part.Project = project
	from, removed := v.rawFrom[project]
	if !removed {
		return part, true
	}
	if part.From.Before(from) && !part.From.IsZero() {
		part.From = from
	}
	return part, part.From.Before(part.To)
}

func (v *verification) snapshot(ctx context.Context, claim *fence.Claim, u *clickhouse.Unit, name func(string) string) error {
	conn := v.repairer.Conn
	if err := u.PrepareCopies(ctx, conn, name); err != nil {
		return err
	}
	release, err := claim.Fence(ctx)
	if err != nil {
		return err
	}
	defer release()
	v.repairer.step("fenced " + u.String())
	if err := u.Copy(ctx, conn, name); err != nil {
		return err
	}
	return claim.Held(ctx)
}

// projects lists those that have rows on either side.
func (v *verification) projects(ctx context.Context, u *clickhouse.Unit, name func(string) string) ([]string, error) {
	if v.question.Project != "" {
		return []string{v.question.Project}, nil
	}
	return u.Projects(ctx, v.repairer.Conn, name)
}

func (v *verification) compare(ctx context.Context, p proof.Pair, part proof.Part, t *Table) error {
	sums, err := p.Periods(ctx, v.repairer.Conn, part)
	if err != nil {
		return err
	}
	for _, s := range sums {
		t.Rows += s.Raw
		t.Periods++
		if s.Equal || len(t.Drifts) >= mostDrifts {
			continue
		}
		f, err := p.Rows(ctx, v.repairer.Conn, part, s.Period)
		if err != nil {
			return err
		}
		t.Differing += f.Differing
		t.Drifts = append(t.Drifts, Drift{Project: part.Project, Period: s.Period, Differing: f.Differing, Examples: f.Examples})
	}
	return nil
}

// add joins what was found of a portion with the rest.
func (v *verification) add(found []Table) {
	for _, f := range found {
		i := slices.IndexFunc(v.tables, func(t Table) bool { return t.Table == f.Table })
		if i < 0 {
			v.tables = append(v.tables, f)
			continue
		}
		t := &v.tables[i]
		t.Rows += f.Rows
		t.Periods += f.Periods
		t.Differing += f.Differing
		t.Drifts = append(t.Drifts, f.Drifts[:min(len(f.Drifts), max(0, mostDrifts-len(t.Drifts)))]...)
	}
}
