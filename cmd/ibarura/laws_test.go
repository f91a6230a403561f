package main

import (
	"encoding/json"
	"fmt"
	"time"

	"ibarura/internal/oracle"
)

// The identities of the definitions, each about one answer.

func growthAddsUp(a answered) error {
	var points []struct {
		Period     string
		New, Total int
	}
	if err := json.Unmarshal(a.Data, &points); err != nil {
		return err
	}
	for i, p := range points {
		if i > 0 && p.Total != points[i-1].Total+p.New {
			return fmt.Errorf("%s: a total of %d after %d and %d new", p.Period, p.Total, points[i-1].Total, p.New)
		}
	}
	return nil
}

func nobodyActsLessThanOnce(a answered) error {
	var ranks []struct{ Users, Events int }
	if err := json.Unmarshal(a.Data, &ranks); err != nil {
		return err
	}
	for _, r := range ranks {
		if r.Users > r.Events || r.Events < 1 {
			return fmt.Errorf("%d persons by %d events", r.Users, r.Events)
		}
	}
	return nil
}

func newAreSomeOfAll(a answered) error {
	var o struct{ Totals oracle.UsersTotals }
	if err := json.Unmarshal(a.Data, &o); err != nil {
		return err
	}
	if o.Totals.NewUsers > o.Totals.TotalUsers {
		return fmt.Errorf("%d new of %d", o.Totals.NewUsers, o.Totals.TotalUsers)
	}
	return nil
}

func typesAddUp(a answered) error {
	var o oracle.EventsOverview
	if err := json.Unmarshal(a.Data, &o); err != nil {
		return err
	}
	events, periods, views := 0, 0, 0
	for _, t := range o.Types {
		events += t.Events
	}
	for _, p := range o.Series {
		periods += p.Events
		views += p.PageViews
	}
	switch {
	case len(o.Types) == o.Totals.Types && events != o.Totals.Events:
		return fmt.Errorf("%d events by type, %d in all", events, o.Totals.Events)
	case periods != o.Totals.Events || views != o.Totals.PageViews:
		return fmt.Errorf("%d events and %d views by period, %+v in all", periods, views, o.Totals)
	}
	return nil
}

func funnelNeverWidens(a answered) error {
	var steps []struct {
		Value  *string
		Users  int
		Median *float64 `json:"median_seconds"`
		P90    *float64 `json:"p90_seconds"`
	}
	if err := json.Unmarshal(a.Data, &steps); err != nil {
		return err
	}
	for i, s := range steps {
		if i%len(a.question.Steps) > 0 && s.Users > steps[i-1].Users {
			return fmt.Errorf("%d persons after %d", s.Users, steps[i-1].Users)
		}
		if s.P90 != nil && *s.P90 < *s.Median {
			return fmt.Errorf("half need %v seconds, nine in ten %v", *s.Median, *s.P90)
		}
	}
	return nil
}

func accountsBalance(a answered) error {
	var points []oracle.Lifecycle
	if err := json.Unmarshal(a.Data, &points); err != nil {
		return err
	}
	for i, p := range points {
		if p.Active != p.New+p.Retained+p.Resurrected {
			return fmt.Errorf("who is active is not new, retained or resurrected: %+v", p)
		}
		if i > 0 && neighbours(points[i-1].Period, p.Period) && p.Active != points[i-1].Active+p.New+p.Resurrected-p.Churned {
			return fmt.Errorf("%+v does not follow from %+v", p, points[i-1])
		}
	}
	return nil
}

// neighbours reports whether periods that are listed one after the other are.
// Of hours there may be one in between that belongs to another day, where
// clocks were set at one past midnight.
func neighbours(before, period string) bool {
	first, err := time.Parse(time.RFC3339, before)
	if err != nil {
		return true // not hours
	}
	second, err := time.Parse(time.RFC3339, period)
	return err == nil && second.Sub(first) <= time.Hour
}

func longerWindowsHoldMore(a answered) error {
	var points []oracle.Rolling
	if err := json.Unmarshal(a.Data, &points); err != nil {
		return err
	}
	for _, p := range points {
		if p.DAU > p.WAU || p.WAU > p.MAU {
			return fmt.Errorf("%+v", p)
		}
	}
	return nil
}

func daysAreThoseOfTheRange(a answered) error {
	var points []oracle.Stickiness
	if err := json.Unmarshal(a.Data, &points); err != nil {
		return err
	}
	from, to := dayOf(a.question.From), dayOf(a.question.To)
	for i, p := range points {
		if p.Users < 1 || p.Days < 1 || p.Days > int(to.Sub(from).Hours()/24) || i > 0 && p.Days <= points[i-1].Days {
			return fmt.Errorf("%+v", points)
		}
	}
	return nil
}

func dayOf(date string) time.Time {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err) // the test asked for it
	}
	return t
}

func cohortsDecay(a answered) error {
	var cohorts []oracle.Cohort
	if err := json.Unmarshal(a.Data, &cohorts); err != nil {
		return err
	}
	for _, c := range cohorts {
		if err := decays(a, c); err != nil {
			return err
		}
	}
	return nil
}

// decays checks a cohort: all are there at first, unless a filter or another
// beginning than first seen says who was; never more than all; and where being
// there later, or all the time, is what counts, never more than before.
func decays(a answered, c oracle.Cohort) error {
	q := a.question
	unfiltered := q.Role == "" && q.Type == "" && q.ObjectType == "" && q.Tag == "" && len(q.Properties) == 0 && q.Cohort == ""
	if unfiltered && *c.Cells[0] != c.Size {
		return fmt.Errorf("%s: %d of %d were there in the period of their own", c.Cohort, *c.Cells[0], c.Size)
	}
	least, narrows := c.Size, q.Kind == "on_or_after" || q.Kind == "streak"
	for n, cell := range c.Cells {
		switch {
		case cell == nil:
			continue
		case n > 0 && c.Cells[n-1] == nil:
			return fmt.Errorf("%s: a number after what is not over", c.Cohort)
		case *cell > least:
			return fmt.Errorf("%s: %d in cell %d, after %d", c.Cohort, *cell, n, least)
		}
		if narrows {
			least = *cell
		}
	}
	return nil
}
