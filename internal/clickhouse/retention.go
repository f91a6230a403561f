package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Retention is how long rows of a project are kept, in tiers, and what is left.
// First and last sights in persons stay for ever: without them nobody could tell who
// is new.
type Retention struct {
	Project string
	Days    Tiers[uint32]    // kept at least; 0: for ever
	From    Tiers[time.Time] // first day that is whole, the first of a month; 1970-01-01: nothing was removed
	Version uint64
}

// Tiers is a value for each kind of table.
type Tiers[T any] struct {
	Raw      T // events, page views, refused rows
	People   T // user_day, user_month, object_person, tag_person, sessions
	Counters T // counts
}

// tierTables are the tables of a tier and the column with the day of their rows.
var (
	rawTier     = []dated{{"events", "day"}, {"page_views", "day"}}
	peopleTier  = []dated{{"user_day", "day"}, {"user_month", "month"}, {"object_person", "month"}, {"tag_person", "month"}, {"sessions", "day"}}
	counterTier = []dated{
		{"counters_15m", "day"}, {"metrics_daily", "day"}, {"metrics_weekly", "week"}, {"metrics_monthly", "month"}, {"content_day", "day"}, {"tag_day", "day"},
	}
)

type dated struct{ table, day string }

// TierTables lists the tables of each tier.
func TierTables() Tiers[[]string] {
	names := func(tier []dated) (list []string) {
		for _, d := range tier {
			list = append(list, d.table)
		}
		return list
	}
	return Tiers[[]string]{names(rawTier), names(peopleTier), names(counterTier)}
}

// Retentions keeps what is to be kept, and removes the rest.
type Retentions struct{ Conn driver.Conn }

// List returns the projects whose rows are not all kept for ever.
func (r Retentions) List(ctx context.Context) ([]Retention, error) {
	rows, err := r.Conn.Query(quiet(ctx, nil), `SELECT project, raw_days, people_days, counters_days, raw_from, people_from, counters_from, version
FROM retention FINAL ORDER BY project`)
	if err != nil {
		return nil, fmt.Errorf("read how long rows are kept: %w", err)
	}
	var list []Retention
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var t Retention
		if err := scan(&t.Project, &t.Days.Raw, &t.Days.People, &t.Days.Counters, &t.From.Raw, &t.From.People, &t.From.Counters, &t.Version); err != nil {
			return fmt.Errorf("read how long rows are kept: %w", err)
		}
		list = append(list, t)
		return nil
	})
	return list, err
}

// Put stores a state; its version has to be above that of the last.
func (r Retentions) Put(ctx context.Context, t Retention) error {
	return Erasures(r).store(ctx, "INSERT INTO retention (project, raw_days, people_days, counters_days, raw_from, people_from, counters_from, version)",
		[]any{t.Project, t.Days.Raw, t.Days.People, t.Days.Counters, t.From.Raw, t.From.People, t.From.Counters, t.Version})
}

// RawFrom returns, by project, the first day of which raw is whole; of projects
// that are not in it, raw always was.
func (r Retentions) RawFrom(ctx context.Context) (map[string]time.Time, error) {
	list, err := r.List(ctx)
	if err != nil {
		return nil, err
	}
	from := map[string]time.Time{}
	for _, t := range list {
		if t.From.Raw.Unix() > 0 {
			from[t.Project] = t.From.Raw
		}
	}
	return from, nil
}

// settled is how long after they came raw rows are not removed, whatever their
// day: a spool that still holds them would bring them back.
const settled = 48 * time.Hour

// Expire removes what is older than t.From, and returns how many rows went from
// which table. Nobody else may repair meanwhile. It may be repeated.
func (r Retentions) Expire(ctx context.Context, t Retention) (map[string]uint64, error) {
	e, o := Erasures(r), Erasure{Project: t.Project}
	ctx = exactly(ctx)
	counts := map[string]uint64{}
	for _, tier := range []struct {
		tables []dated
		from   time.Time
		and    string
	}{{rawTier, t.From.Raw, " AND received_at < {settled:DateTime64(3, 'UTC')}"}, {peopleTier, t.From.People, ""}, {counterTier, t.From.Counters, ""}} {
		for _, d := range tier.tables {
			more := map[string]string{"from": tier.from.Format(time.DateOnly), "settled": moment(time.Now().Add(-settled))}
			if err := e.remove(ctx, o, d.table, "project = {project:String} AND "+d.day+" < {from:Date}"+tier.and, more, counts); err != nil {
				return counts, err
			}
		}
	}
	refused := "JSONExtractString(row, 'project') = {project:String} AND month < {from:Date}"
	if err := e.remove(ctx, o, "quarantine", refused, map[string]string{"from": t.From.Raw.Format(time.DateOnly)}, counts); err != nil {
		return counts, err
	}
	return counts, e.rewrite(ctx)
}

// ErrExpired means that an aggregate holds more than raw does, since raw rows were
// removed for their age: made anew, it would lose that.
var ErrExpired = errors.New("raw rows of that time were removed for their age, so what was counted of them cannot be made anew")

// expired reports whether a unit would be made of raw rows some of which were
// removed for their age. What is made of other aggregates would not, and what is
// only added to cannot lose anything.
func (r Rebuilder) expired(ctx context.Context, u *Unit) (bool, error) {
	onlyAdded := u.partition == "" && !u.from.IsZero()
	direct := slices.ContainsFunc(u.aggregates, func(a aggregate) bool {
		return slices.ContainsFunc(a.sources, func(s aggregateSource) bool { return slices.Contains(rawTables, s.from) })
	})
	if onlyAdded || !direct {
		return false, nil
	}
	from, err := Retentions{Conn: r.Conn}.RawFrom(ctx)
	for project, day := range from {
		if (r.Project == "" || r.Project == project) && u.from.Before(day) {
			return true, err
		}
	}
	return false, err
}
