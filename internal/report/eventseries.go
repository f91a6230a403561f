package report

import "context"

// EventSeriesPoint is how often something happened in a period, and to how many
// persons. One of Type, Role and ObjectType says what: the one that the events
// are told apart by.
type EventSeriesPoint struct {
	Period     string  `json:"period" column:"period"`
	Type       *string `json:"type,omitempty"`
	Role       *string `json:"role,omitempty"`
	ObjectType *string `json:"object_type,omitempty"`
	Events     uint64  `json:"events"`
	Users      uint64  `json:"users"`
}

// maxPoints bounds series of several values: what a chart can show, and an
// answer carry.
const maxPoints = 100_000

const eventsBy = "by"

// eventSeries answers with []EventSeriesPoint: of the most frequent types, or
// roles or kinds of object, each with a point a period.
var eventSeries = Endpoint{
	Path: "events/series", Definition: define("event_series"), Fields: eventFields,
	Options:  []Option{choiceOption(eventsBy, "what events are told apart by; limit is the number of values", "type", "role", "object_type")},
	calendar: newCalendar,
	build:    func(ctx context.Context, a *asking) (any, error) { return a.eventSeries(ctx, a.series()) },
}

// valueSeries is a value with its points, where there are any.
type valueSeries struct {
	value         string
	periods       []int32
	events, users []uint64
}

func (a *asking) eventSeries(ctx context.Context, s scope) ([]EventSeriesPoint, error) {
	if points := s.Limit * len(s.periods); points > maxPoints {
		return nil, wrong(CodeTooMany, "limit", "%d gives %d points; the limit is %d: ask for fewer values, a coarser interval or a shorter range",
			s.Limit, points, maxPoints)
	}
	values, err := first(ctx, a, s, s.plan(eventSeriesSources), func(v *valueSeries) []any {
		return []any{&v.value, &v.periods, &v.events, &v.users}
	})
	points := []EventSeriesPoint{}
	for i := range values {
		points = append(points, values[i].points(s, a.option(eventsBy))...)
	}
	return points, err
}

// points are those of every period.
func (v *valueSeries) points(s scope, by string) []EventSeriesPoint {
	points := make([]EventSeriesPoint, len(s.periods))
	for i, p := range s.periods {
		points[i].Period = p.label
		switch by {
		case "role":
			points[i].Role = &v.value
		case "object_type":
			points[i].ObjectType = &v.value
		default:
			points[i].Type = &v.value
		}
	}
	for i, period := range v.periods {
		points[period].Events, points[period].Users = v.events[i], v.users[i]
	}
	return points
}

func (s scope) eventSeriesParams() params {
	return s.rankedParams().with(params{eventsBy: one(s.Options[eventsBy])})
}
