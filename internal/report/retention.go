package report

import (
	"context"
	"strconv"
	"time"

	"ibarura/internal/freshness"
)

// CohortRow is the persons who began in a period, and how many of them were
// still there in that period and in those after it.
type CohortRow struct {
	Cohort string `json:"cohort" column:"period"`
	Size   uint64 `json:"size"`
	// Cells are by the number of periods since the cohort's own, from 0 on; null
	// for a period that is not over, except the cohort's own.
	Cells []*uint64 `json:"cells" column:"cell"`
}

// RetentionSummary has what follows from the cohorts.
type RetentionSummary struct {
	// Average is the share of the persons of all cohorts that are old enough, by
	// the number of periods, 0 to 1; null: none is, or they are empty.
	Average []*float64 `json:"average" column:"share"`
}

// Options of retention.
const (
	optionKind    = "kind"
	optionPeriods = "periods"
	optionCohort  = "cohort"

	keptOnOrAfter = "on_or_after"
	firstSight    = "first_seen"

	// maxFollowed is the most periods that a cohort is followed for: with its own
	// they fit into the bits of a number.
	maxFollowed = 60
)

// The ways to answer, by cohorts of first seen and by those of a named event.
// They read each person's periods of activity and birth.
var (
	retentionSources = []source{
		{"retention_cells", []string{"retention_cells"}, ByRole, scope.hasCells, scope.cellParams},
		{"retention_user_month", []string{"persons", "user_month"}, ByRole, scope.wholeMonths, scope.retentionDayParams},
		{"retention_user_day", []string{"persons", "user_day"}, ByRole, scope.wholeDays, scope.retentionDayParams},
		{"retention_raw", []string{"events", "persons"}, eventFields, always, scope.retentionParams},
	}
	retentionOfTypeSources = []source{
		{"retention_of_type_user_day", []string{"events", "user_day"}, ByRole, scope.wholeDays, scope.retentionOfTypeDayParams},
		{"retention_of_type_raw", []string{"events"}, eventFields, always, scope.retentionOfTypeParams},
	}
)

// userRetention answers with []CohortRow, a row a period, and a
// RetentionSummary. Periods that the range cuts are counted whole.
var userRetention = Endpoint{
	Path: "users/retention", Definition: define("retention"), Fields: eventFields,
	Options: []Option{
		{Name: optionKind, Default: "on", Check: oneOf("on", keptOnOrAfter, "streak"),
			Help: "`on`: active in the N-th period after; `on_or_after`: in it or any later one; `streak`: in it and every one before"},
		{Name: optionPeriods, Default: "12", Check: wholeNumber(1, maxFollowed),
			Help: "cells after the cohort's own period, 1 to 60"},
		{Name: optionCohort, Default: firstSight, Check: aText,
			Help: "who belongs together: `first_seen`, or an event type: those who first did it in the same period"},
	},
	calendar: snapped,
	build:    func(ctx context.Context, a *asking) (any, error) { return a.retention(ctx) },
}

// followed is the number of periods after the cohort's own.
func (q Question) followed() int {
	n, _ := strconv.Atoi(q.Options[optionPeriods]) // the option has been checked
	return n
}

// retentionDayParams are open at the end where any later activity counts.
func (s scope) retentionDayParams() params {
	s, days := s.retained()
	return s.dayNumberParams().with(s.retentionOptions()).with(days)
}

func (s scope) retentionParams() params {
	s, days := s.retained()
	return s.momentParams().with(s.retentionOptions()).with(days)
}

func (s scope) retentionOfTypeDayParams() params {
	return s.retentionDayParams().with(params{"cohort_types": one(s.Options[optionCohort])})
}

func (s scope) retentionOfTypeParams() params {
	return s.retentionParams().with(params{"cohort_types": one(s.Options[optionCohort])})
}

func (s scope) retentionOptions() params {
	return params{"kind": s.Options[optionKind], "followed": strconv.Itoa(s.followed())}
}

// hasCells reports whether the cells that are derived are those of the question:
// of its interval, as many, and of cohorts of which nothing is gone.
func (s scope) hasCells() bool {
	if s.standing == nil || !s.steadyDays() {
		return false
	}
	kept := int64(s.standing.Runs[freshness.Cells].Kept)
	return s.followed() <= cellsOf[s.Interval] && s.calendar.from.days() >= kept
}

// cellsOf is how many periods after a cohort's own retention_cells tells apart.
var cellsOf = map[Interval]int{Day: 60, Week: 52, Month: 36}

func (s scope) cellParams() params {
	return s.dayParams().with(s.retentionOptions()).with(s.standing.runParam(freshness.Cells)).with(params{"interval": string(s.Interval)})
}

// retained returns the scope in which what comes after its periods is one more
// of them, and the parameter that lets it be read, if it counts.
func (s scope) retained() (scope, params) {
	if s.Options[optionKind] != keptOnOrAfter {
		return s, params{}
	}
	open := *s.calendar
	open.pieces = make([]piece, len(s.pieces))
	for i, p := range s.pieces {
		if p.period == afterRange {
			p.period = int32(len(s.periods))
		}
		open.pieces[i] = p
	}
	s.calendar = &open
	return s, params{"day_to": lastDate.String()}
}

func (a *asking) retention(ctx context.Context) ([]CohortRow, error) {
	r := a.reaching(snapped, followed(a.question.followed(), a.now))
	a.noteWhole(r.scope)
	kept, err := a.kept(ctx, r.scope)
	if err != nil {
		return nil, err
	}
	rows := make([]CohortRow, len(r.series))
	for i, p := range r.series {
		cohort := kept[r.at[i]]
		rows[i] = CohortRow{p.label, cohort.size, make([]*uint64, a.question.followed()+1)}
		for n := range rows[i].Cells {
			if n == 0 || r.over(r.at[i]+n, a.now) {
				rows[i].Cells[n] = cohort.cell(n)
			}
		}
	}
	a.summary = RetentionSummary{average(rows, a.question.followed()+1)}
	return rows, nil
}

// over reports whether a period has ended. One behind the calendar has not.
func (c *calendar) over(period int, now time.Time) bool {
	return period < len(c.periods) && !c.running(c.periods[period], now)
}

// cohort is what was counted of a period's persons.
type cohort struct {
	size uint64
	kept []uint64 // by the number of periods after; none: nobody ever was
}

func (c cohort) cell(n int) *uint64 {
	if c.kept == nil {
		return new(uint64)
	}
	return &c.kept[n]
}

// kept counts the cohort of each period of a scope.
func (a *asking) kept(ctx context.Context, s scope) ([]cohort, error) {
	sources := retentionSources
	if s.Options[optionCohort] != firstSight {
		sources = retentionOfTypeSources
	}
	counted := make([]cohort, len(s.periods))
	err := a.read(ctx, s.plan(sources), func(scan func(dest ...any) error) error {
		var period int32
		var c cohort
		if err := scan(&period, &c.size, &c.kept); err != nil {
			return err
		}
		if int(period) < len(counted) { // those of later periods are read with their activity
			counted[period] = c
		}
		return nil
	})
	return counted, err
}

// average pools the cohorts that have a cell, weighted by their size.
func average(rows []CohortRow, cells int) []*float64 {
	shares := make([]*float64, cells)
	for n := range shares {
		var kept, size uint64
		for _, row := range rows {
			if row.Cells[n] != nil {
				kept, size = kept+*row.Cells[n], size+row.Size
			}
		}
		shares[n] = ratio(kept, size)
	}
	return shares
}
