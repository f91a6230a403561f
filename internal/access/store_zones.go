package access

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// zoneNotice is how long before the first row of its days may come a zone has to
// be set: every process has to know it by then.
const zoneNotice = 24 * time.Hour

// SetZone says that the days of a project are those of another zone from a date
// on, YYYY-MM-DD in that zone. What happened before keeps its days, also what
// comes late. ahead is how far ahead of the clock rows may be, as in
// event.Limits.MaxAhead. ErrNoProject, or ErrInvalid if the date is less than that
// and a day ahead or not after the last change, or the zone is the one in force.
//
// Of two processes that change the same project at the same moment, one wins.
func (s *Store) SetZone(ctx context.Context, name, zone, from string, ahead time.Duration) (StoredProject, error) {
	row, err := s.projectRow(ctx, name)
	if err != nil {
		return StoredProject{}, fmt.Errorf("read project %q: %w", name, err)
	}
	if row == nil || row.Deleted != 0 {
		return StoredProject{}, fmt.Errorf("%w: %q", ErrNoProject, name)
	}
	changed, err := changedZone(row, zone, from, now().Add(zoneNotice+ahead))
	if err != nil {
		return StoredProject{}, err
	}
	if err := s.insert(ctx, "projects", row.Project, changed, row.CreatedAt, row.Deleted, row.Origins, row.Version+1); err != nil {
		return StoredProject{}, fmt.Errorf("change the zone of project %q: %w", name, err)
	}
	return s.Project(ctx, name)
}

func changedZone(row *projectRow, zone, from string, earliest time.Time) (string, error) {
	next, err := LoadZone(zone)
	if err != nil {
		return "", err
	}
	if _, err := time.Parse(time.DateOnly, from); err != nil {
		return "", invalid("from %q is no date such as 2026-01-31", from)
	}
	if dayBegins(from, next).Before(earliest) {
		return "", invalid("from %s is too early: days that have begun keep their zone, and every server has to know in time; the first date that can be given is %s",
			from, earliest.In(next).AddDate(0, 0, 1).Format(time.DateOnly))
	}
	current, before, _ := strings.Cut(row.Timezone, zoneSeparator)
	if current == zone {
		return "", invalid("the zone of project %s is %s already", row.Project, zone)
	}
	changed := zone + zoneSeparator + current + beforeSeparator + from
	if before != "" {
		changed += zoneSeparator + before
	}
	_, err = LoadProjectZone(changed)
	return changed, err
}
