package oracle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Question is what is asked. From and To are local dates (YYYY-MM-DD) in Zone,
// half-open; they are not checked.
type Question struct {
	Zone     *time.Location
	Stored   *time.Location // whose days the project's are; nil: Zone
	Interval string         // hour, day, week, month, quarter, year
	From, To string
	Now      time.Time // when it is asked: what lasts longer is not over
	Limit    int       // of rankings; 0: none
	Passive  []string  // types that make nobody active

	// Filters; empty lets everything through.
	Role       string
	Type       string
	ObjectType string
	Tag        string
	Properties map[string]string
	Device     string
	Browser    string
	Country    string
	Bot        string // true, false, or empty

	Month int // days of the longest rolling window; 0: 28

	User, Anonymous string // whose timeline
	Joined          bool   // with those of the ids that are linked

	// Retention.
	Kind    string // on, on_or_after, streak
	Periods int    // cells after the first
	Cohort  string // type of the event that begins a cohort; empty: first seen

	// Funnels.
	Steps     []string
	Window    time.Duration
	Strict    bool   // no other step in between
	Breakdown string // what the first step is told apart by
	Times     bool   // how long it took

	By     string // what is told apart, or ranked
	Object string // the one object that is asked about
	Start  string // page that ways through pages begin at
	Depth  int    // steps of those ways
}

// With reads the parameters that only some questions have, as the API names
// them; one that it does not know is a mistake of the test's.
func (q Question) With(options map[string]string) Question {
	for name, value := range options {
		switch name {
		case "user_id":
			q.User = value
		case "anonymous_id":
			q.Anonymous = value
		case "linked":
			q.Joined = value == "true"
		case "month_days":
			q.Month = whole(value)
		case "kind":
			q.Kind = value
		case "periods":
			q.Periods = whole(value)
		case "cohort":
			q.Cohort = value
			if value == "first_seen" {
				q.Cohort = ""
			}
		case "steps":
			q.Steps = strings.Split(value, ",")
		case "window":
			q.Window = days(value)
		case "order":
			q.Strict = value == "strict"
		case "times":
			q.Times = value == "true"
		case "by":
			q.By = value
		case "object_id":
			q.Object = value
		case "start":
			q.Start = value
		case "depth":
			q.Depth = whole(value)
		case "breakdown":
			q.Breakdown = value
		default:
			panic(fmt.Sprintf("oracle: there is no option %q", name))
		}
	}
	return q
}

func whole(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(fmt.Sprintf("oracle: %q is no number", text))
	}
	return n
}

// days reads a number of days, 14d, or what Go calls a duration.
func days(text string) time.Duration {
	if n, is := strings.CutSuffix(text, "d"); is {
		return time.Duration(whole(n)) * 24 * time.Hour
	}
	length, err := time.ParseDuration(text)
	if err != nil {
		panic(fmt.Sprintf("oracle: %q is no length of time", text))
	}
	return length
}

// passes reports whether the filters let an event through.
func (q Question) passes(e Event) bool {
	for name, value := range q.Properties {
		if got, there := e.Properties[name]; !there || got != value {
			return false
		}
	}
	return (q.Role == "" || e.Role == q.Role) &&
		(q.Type == "" || e.Type == q.Type) &&
		(q.ObjectType == "" || e.ObjectType == q.ObjectType) &&
		(q.Tag == "" || slices.Contains(e.Tags, q.Tag))
}

// chosen returns the events that the filters let through, of all history.
func chosen(events []Event, q Question) []Event {
	var list []Event
	for _, e := range events {
		if q.passes(e) {
			list = append(list, e)
		}
	}
	return list
}

// inside returns those of the range.
func inside(events []Event, q Question) []Event {
	var list []Event
	for _, e := range events {
		if q.passes(e) && q.within(e.At) {
			list = append(list, e)
		}
	}
	return list
}

// within reports whether a moment lies in the range.
func (q Question) within(at time.Time) bool {
	date := q.date(at)
	return q.From <= date && date < q.To
}

// active reports whether the event makes somebody active.
func (q Question) active(e Event) bool {
	return e.Person() != "" && !slices.Contains(q.Passive, e.Type)
}

// firstSeen returns the earliest active event of each person, whatever the
// filters are.
func firstSeen(events []Event, q Question) map[string]time.Time {
	return firsts(events, q.active)
}

// firsts returns the earliest event of each person that counts.
func firsts(events []Event, counts func(Event) bool) map[string]time.Time {
	first := map[string]time.Time{}
	for _, e := range events {
		if at, known := first[e.Person()]; e.Person() != "" && counts(e) && (!known || e.At.Before(at)) {
			first[e.Person()] = e.At
		}
	}
	return first
}

// activeIn returns who was active in each period, over all history.
func activeIn(events []Event, q Question) map[string]set {
	active := map[string]set{}
	for _, e := range chosen(events, q) {
		if q.active(e) {
			p := q.periodOf(e.At)
			active[p] = active[p].add(e.Person())
		}
	}
	return active
}

// top cuts a ranking where the limit is.
func top[T any](q Question, ranking []T) []T {
	if q.Limit == 0 || len(ranking) <= q.Limit {
		return ranking
	}
	return ranking[:q.Limit]
}

// Previous is the question about the range before: of as many days, or before
// whole calendar months of as many months.
func (q Question) Previous() Question {
	from, to := parse(q.From), parse(q.To)
	if from.Day() != 1 || to.Day() != 1 {
		return q.daysBefore()
	}
	for month := from; month.Before(to); month = month.AddDate(0, 1, 0) {
		from = from.AddDate(0, -1, 0)
	}
	q.From, q.To = from.Format(layout), q.From
	return q
}

// daysBefore is the question about as many days before.
func (q Question) daysBefore() Question {
	from := q.From
	for day := q.From; day < q.To; day = tomorrow(day) {
		from = yesterday(from)
	}
	q.From, q.To = from, q.From
	return q
}

// LastYear is the question about the same dates a year before; what was the
// 29th of February is the 28th.
func (q Question) LastYear() Question {
	q.From, q.To = yearBefore(q.From), yearBefore(q.To)
	return q
}

func yearBefore(date string) string {
	t := parse(date)
	if t.Month() == time.February && t.Day() == 29 {
		t = t.AddDate(0, 0, -1)
	}
	return t.AddDate(-1, 0, 0).Format(layout)
}
