package report_test

import (
	"slices"
	"testing"

	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

// countLogins answers users/logins from the definition, by brute force.
func countLogins(events []oracle.Event, q oracle.Question) any {
	var logins []oracle.Event
	for _, e := range events {
		if slices.Contains([]string{"login", "user_login"}, e.Type) {
			logins = append(logins, e)
		}
	}
	counts, people := oracle.Counts(logins, q), oracle.ActiveUsers(logins, q)
	points := make([]report.LoginPoint, len(counts))
	for i, c := range counts {
		points[i] = report.LoginPoint{Period: c.Period, Logins: uint64(c.Events), Users: uint64(people[i].Users)}
	}
	return points
}

func TestLoginsEqualTheOracleInEveryZone(t *testing.T) {
	s, events := service(t)
	events = append(slices.Clone(events[:2000]), events[len(events)-2000:]...)
	for i := range events {
		events[i].Type = []string{"login", "user_login", "logout"}[i%3]
	}
	if err := store(stand.target, map[string]string{"logins": "Africa/Kigali"}, events, nil); err != nil {
		t.Fatal(err)
	}
	p := pair{"users/logins", at(s, "users/logins"), countLogins}
	for i, zone := range zones {
		for _, interval := range []string{"day", "week", "month", "quarter", "year"} {
			asked{zone, interval, "2026-01-06", "2026-09-02", roles[i%len(roles)]}.checkIn(t, "logins", "Africa/Kigali", events, p)
		}
	}
}
