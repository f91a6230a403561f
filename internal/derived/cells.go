package derived

import (
	"context"

	"ibarura/internal/event"
)

// Span is an interval of retention cells, with the last period after a cohort's
// own that is told apart.
type Span struct {
	Interval string
	Periods  int
}

// Spans are the intervals that have cells.
var Spans = []Span{{"day", 60}, {"week", 52}, {"month", 36}}

// maxCohorts is how many cohorts one statement makes cells of: so many, and the
// periods after them, have a bit in a number of 256, of which the last 31 are
// left for the days of a month. Days begin with a month.
var maxCohorts = map[string]int{"day": 120, "week": 160, "month": 160}

// floor returns the first day of the period that a day lies in.
func (s Span) floor(d event.Day) event.Day {
	switch s.Interval {
	case "week":
		return mondayOf(d)
	case "month":
		return monthOf(d)
	}
	return d
}

// add returns the first day of the period n later.
func (s Span) add(first event.Day, n int) event.Day {
	switch s.Interval {
	case "week":
		n *= 7
	case "month":
		return addMonths(first, n)
	}
	return event.Day(min(max(int(first)+n, 0), int(event.MaxDay)))
}

// reach returns the first cohort that a change on a day can reach.
func (s Span) reach(d event.Day) event.Day {
	first := s.add(s.floor(d), -s.Periods)
	if s.Interval == "day" {
		return monthOf(first)
	}
	return s.floor(first)
}

// fillCells makes the cells of the cohorts that a change can reach, takes over
// those of the older ones, and makes anew who came back last.
func (r *run) fillCells(ctx context.Context) error {
	latest := params{}
	for _, span := range Spans {
		if err := r.fillSpan(ctx, span); err != nil {
			return err
		}
		latest[span.Interval+"_periods"] = number(span.Periods)
	}
	for _, names := range r.names() {
		latest["names"] = texts(names)
		if err := r.exec(ctx, "latest", latest); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) fillSpan(ctx context.Context, span Span) error {
	cohort := span.floor(r.source.first)
	if reached := span.reach(r.from()); reached > cohort {
		cohort = reached
		err := r.exec(ctx, "cells_copy", params{"interval": span.Interval, "before": cohort.String()})
		if err != nil {
			return err
		}
	}
	end := addMonths(r.source.last, 1)
	for cohort < end {
		to := span.add(cohort, maxCohorts[span.Interval])
		if span.Interval == "day" {
			to = monthOf(to)
		}
		if err := r.fillCohorts(ctx, span, cohort, min(to, end)); err != nil {
			return err
		}
		cohort = to
	}
	return nil
}

func (r *run) fillCohorts(ctx context.Context, span Span, from, to event.Day) error {
	for _, names := range r.names() {
		err := r.exec(ctx, "cells", params{
			"interval": span.Interval, "from": from.String(), "to": to.String(), "periods": number(span.Periods), "names": texts(names),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
