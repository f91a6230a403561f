package event

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return loc
}

func TestDayIsTheLocalOne(t *testing.T) {
	for _, c := range []struct{ at, zone, want string }{
		{"2026-05-01T23:59:59.999Z", "UTC", "2026-05-01"},
		{"2026-05-02T00:00:00Z", "UTC", "2026-05-02"},
		{"2026-05-01T21:59:59Z", "Africa/Kigali", "2026-05-01"},
		{"2026-05-01T22:00:00Z", "Africa/Kigali", "2026-05-02"},
		{"2026-05-01T18:15:00Z", "Asia/Kathmandu", "2026-05-02"},
		{"2026-03-08T04:59:59Z", "America/New_York", "2026-03-07"}, // still winter time
		{"2026-03-09T03:59:59Z", "America/New_York", "2026-03-08"}, // summer time
		{"2026-11-02T04:59:59Z", "America/New_York", "2026-11-01"}, // a day of 25 hours
		{"2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31"},     // the 30th did not happen there
		{"2011-12-30T09:59:59Z", "Pacific/Apia", "2011-12-29"},
		{"1970-01-02T00:00:00Z", "America/Adak", "1970-01-01"},
		{"1969-12-31T12:00:00Z", "UTC", "1970-01-01"}, // the nearest there is
		{"2200-01-01T00:00:00Z", "UTC", "2149-06-06"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := DayOf(MillisOf(at), zone(t, c.zone)).String(); got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.at, c.zone, got, c.want)
		}
	}
}

func TestDayOfAgreesWithTheCalendarOfTheStandardLibrary(t *testing.T) {
	zones := []*time.Location{
		time.UTC, zone(t, "Africa/Kigali"), zone(t, "Asia/Kathmandu"), zone(t, "America/New_York"), zone(t, "Pacific/Apia"), zone(t, "Africa/Monrovia"),
	}
	rapid.Check(t, func(rt *rapid.T) {
		m := Millis(rapid.Int64Range(86400000, MaxDay.Time().UnixMilli()).Draw(rt, "ms"))
		loc := rapid.SampledFrom(zones).Draw(rt, "zone")
		if got, want := DayOf(m, loc).String(), m.Time().In(loc).Format(dayLayout); got != want {
			rt.Fatalf("%s in %s: %s, want %s", m.Time(), loc, got, want)
		}
	})
}

func TestDaysAreReadAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := Day(rapid.Uint16().Draw(rt, "day"))
		if got, err := ParseDay(d.String()); err != nil || got != d {
			rt.Fatalf("%d is written %s and read %d, %v", d, d, got, err)
		}
		if DayOf(MillisOf(d.Time()), time.UTC) != d {
			rt.Fatalf("%s is another day at its midnight", d)
		}
	})
	for _, s := range []string{"", "2026-5-1", "2026-02-30", "1969-12-31", "2149-06-07", "2026-05-01T00:00:00Z", "tomorrow"} {
		if d, err := ParseDay(s); err == nil {
			t.Errorf("ParseDay(%q) = %s", s, d)
		}
	}
}

func BenchmarkDayOf(b *testing.B) {
	loc := zone(b, "America/New_York")
	b.ReportAllocs()
	for b.Loop() {
		DayOf(1431857103000, loc)
	}
}

func TestTheNextChangeOfClocksIsAlwaysLater(t *testing.T) {
	for _, name := range []string{"UTC", "Africa/Kigali", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Gaza"} {
		loc := zone(t, name)
		end := MaxDay.Time().Unix()
		for at, steps := int64(-8<<30), 0; at < end; steps++ {
			next := NextChange(loc, at)
			if next <= at || steps > 2000 {
				t.Fatalf("%s: %d comes after %d, at step %d", name, next, at, steps)
			}
			at = next
		}
	}
}
