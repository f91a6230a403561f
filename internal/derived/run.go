package derived

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"ibarura/internal/event"
	"ibarura/internal/freshness"
)

// maxRoles is how many roles have rows of their own; those of most persons.
const maxRoles = 32

// Project is a project and the zone in which its days are cut.
type Project struct {
	Name string
	Zone string
	// ZoneOn returns the zone in which a day is cut; nil: Zone, all of them.
	ZoneOn func(event.Day) string
}

func (p *Project) zoneOn(day event.Day) string {
	if p.ZoneOn == nil {
		return p.Zone
	}
	return p.ZoneOn(day)
}

// source is what there is to derive from.
type source struct {
	some        bool
	first, last event.Day // first days of months
	roles       []string
}

// run is one derivation of a part, on its way.
type run struct {
	db       Database
	project  Project
	part     freshness.Part
	stand    *freshness.Stand
	previous freshness.Run // zero: none
	source   source
	id       uint64
}

// firstID is the least id of a run that began at a moment.
func firstID(at time.Time) uint64 { return uint64(at.UnixMilli()) << 20 }

// derive makes a part anew and brings it into force.
func derive(ctx context.Context, db Database, project Project, part freshness.Part, stand *freshness.Stand) error {
	start := time.Now()
	r := &run{db: db, project: project, part: part, stand: stand, previous: stand.Runs[part]}
	r.id = firstID(stand.At) | rand.Uint64N(1<<20) //nolint:gosec // tells runs of one millisecond apart, and keeps nothing secret
	err := r.look(ctx)
	if err == nil && r.source.some {
		err = r.fill(ctx)
	}
	if err != nil {
		return fmt.Errorf("derive %s of %s: %w", part, project.Name, err)
	}
	return r.publish(ctx, time.Since(start))
}

func (r *run) fill(ctx context.Context) error {
	if r.part == freshness.Gaps {
		return r.fillGaps(ctx)
	}
	return r.fillCells(ctx)
}

// look reads what there is to derive from.
func (r *run) look(ctx context.Context) error {
	return r.query(ctx, "source", params{"roles": number(maxRoles)}, func(scan func(dest ...any) error) error {
		var first, last uint16
		err := scan(&first, &last, &r.source.some, &r.source.roles)
		r.source.first, r.source.last = event.Day(first), event.Day(last)
		slices.Sort(r.source.roles)
		return err
	})
}

// from returns the first day of which the previous run may lack something, or 0
// if nothing of it can be used: there is none, or other roles or months are kept.
func (r *run) from() event.Day {
	if r.previous.ID == 0 || r.previous.Kept != r.source.first || !slices.Equal(r.previous.Roles, r.source.roles) {
		return 0
	}
	changed := r.stand.Changed(r.previous)
	if len(changed) == 0 {
		return event.MaxDay
	}
	return changed[0]
}

// names are the roles of the two ways in which every part is made: activity in
// any role, and in each.
func (r *run) names() [][]string {
	if len(r.source.roles) == 0 {
		return [][]string{nil}
	}
	return [][]string{nil, r.source.roles}
}

func (r *run) publish(ctx context.Context, took time.Duration) error {
	seen := r.stand.Quiet()
	days := make([]event.Day, 0, len(seen))
	marks := make([]uint64, 0, len(seen))
	for day, mark := range seen {
		days, marks = append(days, day), append(marks, mark)
	}
	return r.exec(ctx, "publish", params{
		"part": string(r.part), "as_of": r.stand.At.UTC().Format("2006-01-02 15:04:05.000"), "took_ms": number(took.Milliseconds()),
		"kept": r.source.first.String(), "roles": texts(r.source.roles), "days": numbers(days), "marks": numbers(marks),
	})
}

func (r *run) exec(ctx context.Context, name string, more params) error {
	return r.db.Exec(ctx, name, statement(name), r.params(more))
}

func (r *run) query(ctx context.Context, name string, more params, each func(scan func(dest ...any) error) error) error {
	return r.db.Query(ctx, name, statement(name), r.params(more), each)
}

// params adds what statements of a run have in common.
func (r *run) params(more params) params {
	all := params{
		"project": r.project.Name, "zone": r.project.zoneOn(r.source.first), "kept": r.source.first.String(),
		"run": number(r.id), "previous": number(r.previous.ID),
	}
	for name, value := range more {
		all[name] = value
	}
	return all
}
