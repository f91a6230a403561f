package access_test

import (
	"errors"
	"testing"
	"time"

	"ibarura/internal/access"
)

func loadProjectZone(t testing.TB, text string) *time.Location {
	t.Helper()
	zone, err := access.LoadProjectZone(text)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestAZoneThatChangedFollowsEachOfItsZonesInTurn(t *testing.T) {
	zone := loadProjectZone(t, "America/New_York;Europe/Paris<2026-07-01;Africa/Kigali<2024-03-01")
	follows := func(name, from, to string) {
		t.Helper()
		of := loadProjectZone(t, name)
		at, err := time.ParseInLocation(time.DateTime, from, of)
		if err != nil {
			t.Fatal(err)
		}
		end, err := time.ParseInLocation(time.DateTime, to, of)
		if err != nil {
			t.Fatal(err)
		}
		for ; at.Before(end); at = at.Add(17 * time.Hour) {
			sameClock(t, zone, of, at)
		}
		sameClock(t, zone, of, end.Add(-time.Millisecond))
	}
	follows("Africa/Kigali", "1900-01-01 00:00:00", "2024-03-01 01:00:00") // when it is midnight in Paris
	follows("Europe/Paris", "2024-03-01 00:00:00", "2026-07-01 06:00:00")
	follows("America/New_York", "2026-07-01 00:00:00", "2149-06-07 00:00:00")
}

func sameClock(t *testing.T, a, b *time.Location, at time.Time) {
	t.Helper()
	const clock = "2006-01-02T15:04:05 -0700"
	if in, want := at.In(a).Format(clock), at.In(b).Format(clock); in != want {
		t.Errorf("%s in %s, want %s as in %s", in, a, want, b)
	}
}

func TestAProjectsZoneIsNamedByTheOneInForce(t *testing.T) {
	zone := loadProjectZone(t, "Europe/Paris;Africa/Kigali<2026-03-01")
	if name := access.ZoneName(zone); name != "Europe/Paris" {
		t.Errorf("now it is %s", name)
	}
	for date, want := range map[string]string{"2026-02-28": "Africa/Kigali", "2026-03-01": "Europe/Paris"} {
		if name := access.ZoneNameOn(zone, date); name != want {
			t.Errorf("on %s it is %s, want %s", date, name, want)
		}
	}
	if name := access.ZoneNameOn(time.UTC, "2026-03-01"); name != "UTC" {
		t.Errorf("UTC is %s", name)
	}
}

func FuzzAProjectsZoneIsLoadedOrRefused(f *testing.F) {
	for _, text := range []string{
		"UTC", "", "Local", "Europe/Paris;Africa/Kigali<2026-03-01", "UTC;UTC<2026-03-01;UTC<2026-03-02", "UTC;Mars/Olympus<2026-03-01", "UTC;UTC", "UTC;UTC<x", ";",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		zone, err := access.LoadProjectZone(text)
		if err != nil {
			if !errors.Is(err, access.ErrInvalid) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if zone.String() != text {
			t.Errorf("%q is called %q", text, zone)
		}
	})
}
