package community

import (
	"errors"
	"fmt"
	"time"
)

// Options say what community it is, and whose rows they are.
type Options struct {
	Seed    uint64
	Events  int // about as many; page views are a sixth as many, beside them
	Project string
	Zone    string // IANA name of the project's zone
	// From is the first local day of the history, and To the day after its last
	// one; both are the first of a month.
	From, To time.Time
}

const (
	minEvents = 10_000
	maxEvents = 2_000_000_000
	maxDays   = 3660
)

func (o Options) check() error {
	switch {
	case o.Events < minEvents || o.Events > maxEvents:
		return fmt.Errorf("events is %d; it has to be %d to %d", o.Events, minEvents, maxEvents)
	case o.From.Day() != 1 || o.To.Day() != 1 || !o.From.Before(o.To) || o.days() > maxDays:
		return fmt.Errorf("a history begins and ends with a month and has at most %d days", maxDays)
	case o.Project == "" || o.Zone == "":
		return errors.New("project and zone are missing")
	}
	return nil
}

func (o Options) days() int { return daysBetween(o.From, o.To) }

func daysBetween(from, to time.Time) int { return int(to.Sub(from).Hours() / 24) }

// How many of everything there are, by the number of events.

// persons are a hundredth: one session in twelve days, on average, for each.
func (o Options) persons() int { return o.Events / 100 }

// founders are there before the first day.
func (o Options) founders() int { return o.persons() * 3 / 10 }

// posts are there before the first day; three times as many are added.
func (o Options) posts() int { return o.persons() }

// sessions have, with what comes of them, eight events each.
func (o Options) sessions() int { return o.Events / 8 }

// tags is how many tags there are.
const tags = 500
