package main

import (
	"encoding/json"
	"fmt"

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
		if i > 0 && p.Active != points[i-1].Active+p.New+p.Resurrected-p.Churned {
			return fmt.Errorf("%+v does not follow from %+v", p, points[i-1])
		}
	}
	return nil
}
