package clickhouse

import (
	"context"
	"fmt"
)

// Do makes one unit anew. ErrMoved, and what Fencer says of a fence that is
// lost, mean that nothing was replaced that has not been replaced whole: try again.
func (r Rebuilder) Do(ctx context.Context, u *Unit) error {
	expired, err := r.expired(ctx, u)
	switch {
	case err != nil:
		return fmt.Errorf("rebuild %s: %w", u, err)
	case expired && r.Additive:
		r.done("left alone", u)
		return nil
	case expired:
		return fmt.Errorf("rebuild %s: %w", u, ErrExpired)
	}
	if err := r.purgeErased(ctx); err != nil {
		return fmt.Errorf("rebuild %s: %w", u, err)
	}
	if u.partition == "" && !u.from.IsZero() {
		return r.addMonths(ctx, u)
	}
	steps := []func(context.Context, *Unit) error{r.prepare, r.behindFence(r.snapshot), r.fill, r.behindFence(r.complete), r.clear}
	for _, step := range steps {
		if err := step(ctx, u); err != nil {
			return fmt.Errorf("rebuild %s: %w", u, err)
		}
	}
	return nil
}

func (r Rebuilder) done(step string, u *Unit) {
	if r.Step != nil {
		r.Step(step + " " + u.String())
	}
}

// table names one of the unit's own tables: snap, staging or delta.
func (r Rebuilder) table(kind, of string) string { return RepairTable(r.Fencer.ID(), kind+"_"+of) }

// own lists the unit's own tables, each with the one that it is like.
func (r Rebuilder) own(u *Unit) map[string]string {
	own := map[string]string{}
	for _, name := range u.raw() {
		own[r.table("snap", name)] = name
	}
	for _, name := range u.bases() {
		own[r.table("delta", name)] = name
		if !u.has(name) {
			own[r.table("snap", name)] = name
		}
	}
	for _, a := range u.aggregates {
		own[r.table("staging", a.name)] = a.name
		if r.Project != "" {
			own[r.table("snap", a.name)] = a.name
		}
	}
	return own
}

// prepare makes the tables. Whatever replaces a partition reads from them: once
// they are dropped, because the claim is lost, nothing is replaced any more.
func (r Rebuilder) prepare(ctx context.Context, u *Unit) error {
	for table, like := range r.own(u) {
		if err := newLike(ctx, r.Conn, table, like); err != nil {
			return err
		}
	}
	r.done("prepared", u)
	return nil
}

func (r Rebuilder) clear(ctx context.Context, u *Unit) error {
	for table := range r.own(u) {
		if err := r.Conn.Exec(ctx, "DROP TABLE IF EXISTS "+table+" SYNC"); err != nil {
			return fmt.Errorf("clear away: %w", err)
		}
	}
	r.done("cleared", u)
	return nil
}

// behindFence runs a step while nothing is loaded.
func (r Rebuilder) behindFence(step func(context.Context, *Unit) error) func(context.Context, *Unit) error {
	return func(ctx context.Context, u *Unit) error {
		release, err := r.Fencer.Fence(ctx)
		if err != nil {
			return err
		}
		defer release()
		r.done("fenced", u)
		return step(ctx, u)
	}
}

// snapshot keeps the raw rows, and what else the unit is made from, as they are.
func (r Rebuilder) snapshot(ctx context.Context, u *Unit) error {
	for _, name := range u.raw() {
		if err := attach(ctx, r.Conn, r.table("snap", name), name, u.partitions()); err != nil {
			return err
		}
	}
	for _, name := range u.bases() {
		if u.has(name) {
			continue
		}
		if err := attach(ctx, r.Conn, r.table("snap", name), name, u.partitions()); err != nil {
			return err
		}
	}
	if r.Project != "" {
		for _, a := range u.aggregates {
			if err := attach(ctx, r.Conn, r.table("snap", a.name), a.name, []string{u.target()}); err != nil {
				return err
			}
		}
	}
	if err := r.Fencer.Held(ctx); err != nil {
		return err
	}
	r.done("snapshot", u)
	return nil
}

// fill makes the aggregates of the snapshot, in staging.
func (r Rebuilder) fill(ctx context.Context, u *Unit) error {
	if err := r.readMarks(ctx, u); err != nil {
		return err
	}
	if err := r.rawIsThere(ctx, u); err != nil {
		return err
	}
	for _, a := range u.aggregates {
		for _, s := range a.sources {
			from := r.table("snap", s.from)
			if u.has(s.from) {
				from = r.table("staging", s.from)
			}
			if err := r.insert(ctx, r.table("staging", a.name), s, from, u.days()+r.ofProject()); err != nil {
				return err
			}
		}
		if r.Project == "" {
			continue
		}
		if err := r.copy(ctx, r.table("staging", a.name), r.table("snap", a.name), "project != {project:String}"); err != nil {
			return err
		}
	}
	r.done("filled", u)
	return nil
}

func (r Rebuilder) ofProject() string {
	if r.Project == "" {
		return ""
	}
	return " AND project = {project:String}"
}

// insert runs a view's statement over some rows of a table.
func (r Rebuilder) insert(ctx context.Context, into string, s aggregateSource, from, where string) error {
	rows := "(SELECT * FROM " + from + " WHERE " + where + ")"
	return r.exec(ctx, "INSERT INTO "+into+" ("+s.columns+") "+s.over(rows))
}

func (r Rebuilder) copy(ctx context.Context, into, from, where string) error {
	return r.exec(ctx, "INSERT INTO "+into+" SELECT * FROM "+from+" WHERE "+where)
}

func (r Rebuilder) exec(ctx context.Context, statement string) error {
	return r.Conn.Exec(r.bound(ctx), statement)
}

func (r Rebuilder) bound(ctx context.Context) context.Context {
	return r.Limits.bound(ctx, map[string]string{"project": r.Project})
}

// complete adds what has come since the snapshot and puts the result in place.
func (r Rebuilder) complete(ctx context.Context, u *Unit) error {
	news, err := r.news(ctx, u)
	if err != nil {
		return err
	}
	if news {
		if err := r.add(ctx, u); err != nil {
			return err
		}
	}
	r.done("added", u)
	if err := r.changing(ctx, u, false); err != nil {
		return err
	}
	for _, a := range u.aggregates {
		if err := r.replace(ctx, u, a); err != nil {
			return err
		}
	}
	return r.changing(ctx, u, true)
}

func (r Rebuilder) changing(ctx context.Context, u *Unit, done bool) error {
	if r.Changing == nil {
		return nil
	}
	return r.Changing(ctx, u.months(), done)
}

func (r Rebuilder) replace(ctx context.Context, u *Unit, a aggregate) error {
	if err := r.Fencer.Held(ctx); err != nil {
		return err
	}
	// What a view of a year makes of the days beyond it belongs to another partition.
	err := r.Conn.Exec(ctx, "ALTER TABLE "+a.name+" REPLACE PARTITION "+u.target()+" FROM "+r.table("staging", a.name)+u.evenEmpty)
	if err != nil {
		return fmt.Errorf("replace %s of %s: %w", u.target(), a.name, err)
	}
	r.done("replaced "+a.name, u)
	return nil
}

// add makes the aggregates of the rows that the snapshot lacks: first those
// that others are made from, in tables of their own.
func (r Rebuilder) add(ctx context.Context, u *Unit) error {
	for _, name := range u.bases() {
		if err := r.addTo(ctx, u, r.table("delta", name), *u.find(name)); err != nil {
			return err
		}
	}
	for _, a := range u.aggregates {
		if err := r.addTo(ctx, u, r.table("staging", a.name), a); err != nil {
			return err
		}
	}
	return nil
}

func (r Rebuilder) addTo(ctx context.Context, u *Unit, into string, a aggregate) error {
	for _, s := range a.sources {
		from, where := s.from, u.days()
		if u.find(s.from) != nil {
			from = r.table("delta", s.from)
		} else {
			where += " AND " + u.marks[s.from].after()
		}
		if err := r.insert(ctx, into, s, from, where); err != nil {
			return err
		}
	}
	return nil
}

// addMonths adds what the days have to tables without partitions.
func (r Rebuilder) addMonths(ctx context.Context, u *Unit) error {
	for _, a := range u.aggregates {
		for _, s := range a.sources {
			if err := r.insert(ctx, a.name, s, s.from, u.days()); err != nil {
				return err
			}
		}
	}
	return nil
}
