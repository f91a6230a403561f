package access

import (
	"context"
	"fmt"
	"slices"
)

// ChangeOrigins adds and removes origins of pages that may use a project's
// keys, and returns the project as it is then. Removing one that is not there
// changes nothing. ErrNoProject, or ErrInvalid for an origin that breaks the
// rule of ParseOrigin and for more than MaxOrigins.
//
// Of two processes that change the same project at the same moment, one wins.
func (s *Store) ChangeOrigins(ctx context.Context, name string, add, remove []string) (StoredProject, error) {
	row, err := s.projectRow(ctx, name)
	if err != nil {
		return StoredProject{}, fmt.Errorf("read project %q: %w", name, err)
	}
	if row == nil || row.Deleted != 0 {
		return StoredProject{}, fmt.Errorf("%w: %q", ErrNoProject, name)
	}
	changed, err := changedOrigins(row.Origins, add, remove)
	if err != nil {
		return StoredProject{}, err
	}
	if slices.Equal(changed, row.Origins) {
		return row.project()
	}
	if err := s.insert(ctx, "projects", row.Project, row.Timezone, row.CreatedAt, row.Deleted, changed, row.Version+1); err != nil {
		return StoredProject{}, fmt.Errorf("change the origins of project %q: %w", name, err)
	}
	return s.Project(ctx, name)
}

func changedOrigins(origins, add, remove []string) ([]string, error) {
	add, err := parseOrigins(add)
	if err != nil {
		return nil, err
	}
	if remove, err = parseOrigins(remove); err != nil {
		return nil, err
	}
	changed := slices.Concat(origins, add)
	slices.Sort(changed)
	changed = slices.DeleteFunc(slices.Compact(changed), func(o string) bool { return slices.Contains(remove, o) })
	if len(changed) > MaxOrigins {
		return nil, invalid("a project allows at most %d origins; a wildcard stands for many", MaxOrigins)
	}
	return changed, nil
}

func parseOrigins(list []string) ([]string, error) {
	parsed := make([]string, 0, len(list))
	for _, text := range list {
		one, err := ParseOrigin(text)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, one)
	}
	return parsed, nil
}
