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

// EventTypes answers with []TypeCount, the most frequent first, then by name.
// It takes the filters by role, type and object type.
func (s *Service) EventTypes(ctx context.Context, q Question) (*Answer, error) {
	return s.answer(ctx, q, endpoint{
		definition: define("event_types"), byType: true, byObjectType: true, limit: maxTypes,
		build: func(ctx context.Context, a *asking) (any, error) { return a.types(ctx, a.total()) },
	})
}

func (a *asking) types(ctx context.Context, s scope) ([]TypeCount, error) {
	list, err := rowsOf(ctx, a, s.plan(typeSources), func(t *TypeCount) []any {
		return []any{&t.Type, &t.Events, &t.Users}
	})
	if len(list) == maxTypes {
		a.note(fmt.Sprintf("The list of types ends at %d.", maxTypes))
	}
	return list, err
}

// rowsOf reads the rows of a plan. fields returns where the columns of a row
// go.
func rowsOf[T any](ctx context.Context, a *asking, p Plan, fields func(*T) []any) ([]T, error) {
	list := []T{}
	err := a.read(ctx, p, func(scan func(dest ...any) error) error {
		var row T
		if err := scan(fields(&row)...); err != nil {
			return err
		}
		list = append(list, row)
		return nil
	})
	return list, err
}
