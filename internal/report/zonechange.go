package report

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// changeMark begins, in the name of a project's zone, what it was before: see
// access.LoadProjectZone. Such a zone is like one whose rules have changed.
const changeMark = ";"

// zoneName is the IANA name of the zone that is in force last.
func zoneName(zone *time.Location) string {
	name, _, _ := strings.Cut(zone.String(), changeMark)
	return name
}

// zoneNote says that days are not all of the same zone; empty: they are.
func zoneNote(zone *time.Location) string {
	name, before, changed := strings.Cut(zone.String(), changeMark)
	if !changed {
		return ""
	}
	var parts []string
	for _, span := range strings.Split(before, changeMark) {
		old, date, _ := strings.Cut(span, "<")
		parts = append(parts, fmt.Sprintf("those of %s before %s", old, date))
	}
	slices.Reverse(parts)
	return fmt.Sprintf("The project's time zone has changed: days are %s, and then those of %s.", strings.Join(parts, ", "), name)
}

// localDays reports whether the days of the answer are the days that are stored:
// those of a project whose zone has changed are also those of the zone that was in
// force all the time.
func (s scope) localDays() bool {
	if s.Question.localDays() {
		return true
	}
	if !strings.Contains(s.ProjectZone.String(), changeMark) {
		return false
	}
	from, to := s.calendar.from, s.calendar.to
	return slices.Equal(stretches(s.Zone, from, to), stretches(s.ProjectZone, from, to))
}
