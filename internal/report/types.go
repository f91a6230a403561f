package report

import (
	"context"
	"fmt"
)

// TypeCount is how often a type of event happened, and to how many persons.
type TypeCount struct {
	Type   string `json:"type"`
	Events uint64 `json:"events"`
	Users  uint64 `json:"users"`
}

// maxTypes is where the list of types ends that nobody limited: a producer
// that makes types up does not make answers endless.
const maxTypes = 10_000

// eventTypes answers with []TypeCount, the most frequent first, then by name.
var eventTypes = Endpoint{
	Path: "events/types", Definition: define("event_types"), Fields: eventFields,
	days:    ofRange,
	Ranking: true, limit: maxTypes,
	build: func(ctx context.Context, a *asking) (any, error) {
		return ranking(ctx, a, a.total(), a.total().plan(typeSources), typeColumns)
	},
}

func typeColumns(t *TypeCount) []any { return []any{&t.Type, &t.Events, &t.Users} }

func (a *asking) types(ctx context.Context, s scope) ([]TypeCount, error) {
	list, more, err := pageOf(ctx, a, s, s.plan(typeSources), typeColumns)
	if more {
		a.note(fmt.Sprintf("The list of types ends at %d.", s.Limit))
	}
	return list, err
}
