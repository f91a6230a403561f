package report

import (
	"math"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func date(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func layOut(t testing.TB, zoneName string, i Interval, from, to string) *calendar {
	t.Helper()
	return newCalendar(zone(t, zoneName), i, date(t, from), date(t, to))
}

func (c *calendar) labels() []string {
	labels := []string{}
	for _, p := range c.periods {
		labels = append(labels, p.label)
	}
	return labels
}

// ownerAt finds the piece that a moment lies in, as roundDown does.
func (c *calendar) ownerAt(ms int64) int32 {
	after := sort.Search(len(c.pieces), func(i int) bool { return c.pieces[i].start > ms })
	return c.pieces[after-1].period
}

// utc prints the starts of the pieces inside of the range, and its end.
func (c *calendar) utc() []string {
	var starts []string
	for _, p := range c.pieces[1:] {
		starts = append(starts, time.UnixMilli(p.start).UTC().Format("01-02T15:04"))
	}
	return starts
}

func TestPeriodsAreLabelledByTheirFirstLocalDay(t *testing.T) {
	for _, c := range []struct {
		name     string
		interval Interval
		from, to string
		want     []string
	}{
		{"days", Day, "2024-02-28", "2024-03-02", []string{"2024-02-28", "2024-02-29", "2024-03-01"}},
		{"weeks begin on Monday", Week, "2026-01-01", "2026-01-13", []string{"2025-12-29", "2026-01-05", "2026-01-12"}},
		{"a Monday begins a week", Week, "2026-01-05", "2026-01-12", []string{"2026-01-05"}},
		{"a Sunday ends a week", Week, "2026-01-04", "2026-01-05", []string{"2025-12-29"}},
		{"months", Month, "2025-12-31", "2026-02-01", []string{"2025-12-01", "2026-01-01"}},
		{"quarters", Quarter, "2025-11-30", "2026-04-02", []string{"2025-10-01", "2026-01-01", "2026-04-01"}},
		{"years", Year, "2024-12-31", "2026-01-02", []string{"2024-01-01", "2025-01-01", "2026-01-01"}},
		{"the range as a whole", whole, "2024-12-31", "2026-01-02", []string{"2024-12-31"}},
		{"the first week there is", Week, "1970-01-01", "1970-01-06", []string{"1969-12-29", "1970-01-05"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, layOut(t, "UTC", c.interval, c.from, c.to).labels()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDaysBeginAtTheLocalMidnight(t *testing.T) {
	for _, c := range []struct {
		name, zone, from, to string
		want                 []string
	}{
		{"23 hours", "America/New_York", "2026-03-08", "2026-03-10", []string{"03-08T05:00", "03-09T04:00", "03-10T04:00"}},
		{"25 hours", "America/New_York", "2026-11-01", "2026-11-03", []string{"11-01T04:00", "11-02T05:00", "11-03T05:00"}},
		{"24.5 hours", "Australia/Lord_Howe", "2026-04-05", "2026-04-07", []string{"04-04T13:00", "04-05T13:30", "04-06T13:30"}},
		{"quarter-hour zone", "Asia/Kathmandu", "2026-01-01", "2026-01-02", []string{"12-31T18:15", "01-01T18:15"}},
		{"a day that begins at 01:00", "America/Sao_Paulo", "2018-11-04", "2018-11-05", []string{"11-04T03:00", "11-05T02:00"}},
		{"a day that was left out is no time", "Pacific/Apia", "2011-12-29", "2012-01-01", []string{"12-29T10:00", "12-30T10:00", "12-31T10:00"}},
		{"only a day that was left out", "Pacific/Apia", "2011-12-30", "2011-12-31", []string{"12-30T10:00"}},
		{"a midnight that comes twice", "America/St_Johns", "2010-11-07", "2010-11-08", []string{"11-07T02:30", "11-07T02:31", "11-07T03:30", "11-08T03:30"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, layOut(t, c.zone, Day, c.from, c.to).utc()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestALeftOutDayIsAPeriodWithoutTime(t *testing.T) {
	c := layOut(t, "Pacific/Apia", Day, "2011-12-29", "2012-01-01")
	if diff := cmp.Diff([]string{"2011-12-29", "2011-12-30", "2011-12-31"}, c.labels()); diff != "" {
		t.Error(diff)
	}
	for _, p := range c.pieces {
		if p.period == 1 {
			t.Error("2011-12-30, which Apia left out, has a piece")
		}
	}
}

func TestHoursFollowTheClockOnTheWall(t *testing.T) {
	for _, c := range []struct {
		name, zone, day string
		count           int
		first           int
		want            []string
	}{
		{"the repeated hour is two buckets", "America/New_York", "2026-11-01", 25, 1,
			[]string{"2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T02:00:00-05:00"}},
		{"the missing hour is none", "America/New_York", "2026-03-08", 23, 1,
			[]string{"2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00"}},
		{"a repeated half-hour is a bucket", "Australia/Lord_Howe", "2026-04-05", 25, 1,
			[]string{"2026-04-05T01:00:00+11:00", "2026-04-05T01:30:00+10:30", "2026-04-05T02:00:00+10:30"}},
		{"a missing half-hour shortens one", "Australia/Lord_Howe", "2026-10-04", 24, 1,
			[]string{"2026-10-04T01:00:00+10:30", "2026-10-04T02:30:00+11:00", "2026-10-04T03:00:00+11:00"}},
		{"quarter-hour zone", "Asia/Kathmandu", "2026-01-01", 24, 0,
			[]string{"2026-01-01T00:00:00+05:45", "2026-01-01T01:00:00+05:45"}},
		{"UTC", "UTC", "2026-01-01", 24, 22, []string{"2026-01-01T22:00:00Z", "2026-01-01T23:00:00Z"}},
		{"a left-out day has none", "Pacific/Apia", "2011-12-30", 0, 0, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			next := date(t, c.day).AddDays(1).String()
			got := layOut(t, c.zone, Hour, c.day, next).labels()
			if len(got) != c.count {
				t.Errorf("%d hours, want %d", len(got), c.count)
			}
			if diff := cmp.Diff(c.want, got[c.first:c.first+len(c.want)]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPartialNamesPeriodsThatAreCutOrNotOver(t *testing.T) {
	now := time.Date(2026, 3, 17, 21, 30, 0, 0, time.UTC) // in Kathmandu it is 03:15 on the 18th
	for _, c := range []struct {
		name, zone string
		interval   Interval
		from, to   string
		want       []string
	}{
		{"today", "UTC", Day, "2026-03-15", "2026-03-18", []string{"2026-03-17"}},
		{"today elsewhere", "Asia/Kathmandu", Day, "2026-03-15", "2026-03-19", []string{"2026-03-18"}},
		{"days to come", "UTC", Day, "2026-03-16", "2026-03-20", []string{"2026-03-17", "2026-03-18", "2026-03-19"}},
		{"cut at both ends", "UTC", Month, "2025-11-02", "2026-02-28", []string{"2025-11-01", "2026-02-01"}},
		{"cut once, inside of one", "UTC", Year, "2024-03-01", "2024-04-01", []string{"2024-01-01"}},
		{"whole and over", "UTC", Week, "2026-03-02", "2026-03-16", []string{}},
		{"running, though the range ends with it", "UTC", Week, "2026-03-09", "2026-03-23", []string{"2026-03-16"}},
		{"the hour and those to come", "Asia/Kathmandu", Hour, "2026-03-17", "2026-03-18", []string{}},
		{"a range that is over", "UTC", whole, "2026-03-01", "2026-03-17", []string{}},
		{"a range that is not", "UTC", whole, "2026-03-01", "2026-03-18", []string{"2026-03-01"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, layOut(t, c.zone, c.interval, c.from, c.to).partial(now)); diff != "" {
				t.Error(diff)
			}
		})
	}
	hours := layOut(t, "Asia/Kathmandu", Hour, "2026-03-18", "2026-03-19").partial(now)
	if len(hours) != 21 || hours[0] != "2026-03-18T03:00:00+05:45" {
		t.Errorf("%d hours are partial from %v on, want 21 from 03:00 on", len(hours), hours[:1])
	}
}

func TestSnappedRangesAreWholePeriods(t *testing.T) {
	for _, c := range []struct {
		interval             Interval
		from, to, begin, end string
	}{
		{Day, "2026-01-03", "2026-01-04", "2026-01-03", "2026-01-04"},
		{Week, "2026-01-03", "2026-01-06", "2025-12-29", "2026-01-12"},
		{Month, "2026-01-03", "2026-02-01", "2026-01-01", "2026-02-01"},
		{Quarter, "2026-02-03", "2026-04-02", "2026-01-01", "2026-07-01"},
		{Year, "2026-01-03", "2027-01-02", "2026-01-01", "2028-01-01"},
		{Hour, "2026-01-03", "2026-01-04", "2026-01-03", "2026-01-04"},
	} {
		got := snapped(time.UTC, c.interval, date(t, c.from), date(t, c.to))
		if got.from.String() != c.begin || got.to.String() != c.end {
			t.Errorf("%s: [%s, %s), want [%s, %s)", c.interval, got.from, got.to, c.begin, c.end)
		}
		for _, p := range got.periods {
			if p.cut {
				t.Errorf("%s: %s is cut", c.interval, p.label)
			}
		}
	}
}

// wallZones change their clocks in every way there is.
var wallZones = []string{
	"UTC", "Africa/Kigali", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia",
	"America/Sao_Paulo", "America/St_Johns", "Africa/Casablanca", "Asia/Gaza", "Europe/Dublin",
	"Pacific/Kwajalein", "Antarctica/Troll", "Africa/Monrovia", "Asia/Pyongyang", "America/Caracas",
}

func anyCalendar(t *rapid.T, intervals []Interval) *calendar {
	name := rapid.SampledFrom(wallZones).Draw(t, "zone")
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	from := dateOfDays(rapid.Int64Range(0, 25_000).Draw(t, "from"))
	to := from.AddDays(rapid.IntRange(1, 900).Draw(t, "days"))
	return newCalendar(z, rapid.SampledFrom(intervals).Draw(t, "interval"), from, to)
}

func TestEveryMomentBelongsToThePeriodOfItsWallDate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCalendar(t, []Interval{Day, Week, Month, Quarter, Year, whole})
		ms := rapid.Int64Range((c.from.days()-3)*86_400_000, (c.to.days()+3)*86_400_000).Draw(t, "moment")
		if rapid.Bool().Draw(t, "at a clock change") {
			if _, change := time.UnixMilli(ms).In(c.zone).ZoneBounds(); !change.IsZero() {
				ms = change.UnixMilli() + rapid.Int64Range(-7_200_000, 7_200_000).Draw(t, "near")
			}
		}
		day := DateIn(time.UnixMilli(ms), c.zone)
		owner := c.ownerAt(ms)
		switch {
		case day.Before(c.from):
			if owner != beforeRange {
				t.Fatalf("%s is before the range, but in period %d", day, owner)
			}
		case !day.Before(c.to):
			if owner != afterRange {
				t.Fatalf("%s is after the range, but in period %d", day, owner)
			}
		default:
			p := c.periods[owner]
			if day.Before(p.first) || !day.Before(p.end) {
				t.Fatalf("%s is in the period [%s, %s)", day, p.first, p.end)
			}
		}
	})
}

func TestPeriodsPartitionTheRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCalendar(t, []Interval{Day, Week, Month, Quarter, Year})
		for i, p := range c.periods {
			if i > 0 && p.first != c.periods[i-1].end {
				t.Fatalf("%s begins, but the one before ends on %s", p.label, c.periods[i-1].end)
			}
		}
		first, last := c.periods[0], c.periods[len(c.periods)-1]
		if c.from.Before(first.first) || !c.from.Before(first.end) || last.end.Before(c.to) || !last.first.Before(c.to) {
			t.Fatalf("[%s, %s) is not within [%s, %s)", c.from, c.to, first.first, last.end)
		}
		if got := int64(len(c.periods)); got != c.interval.count(c.from, c.to) {
			t.Fatalf("%d periods, count says %d", got, c.interval.count(c.from, c.to))
		}
	})
}

func TestPiecesAreInOrderAndLabelsUnique(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCalendar(t, Intervals())
		if c.pieces[0] != (piece{math.MinInt64, beforeRange}) || c.pieces[len(c.pieces)-1].period != afterRange {
			t.Fatal("the pieces do not cover all of time")
		}
		for i := 1; i < len(c.pieces); i++ {
			if c.pieces[i].start <= c.pieces[i-1].start || c.pieces[i].period == c.pieces[i-1].period {
				t.Fatalf("piece %d: %v follows %v", i, c.pieces[i], c.pieces[i-1])
			}
		}
		labels := c.labels()
		slices.Sort(labels)
		if unique := slices.Compact(slices.Clone(labels)); len(unique) != len(labels) {
			t.Fatalf("%d labels, %d of them distinct", len(labels), len(unique))
		}
	})
}

func TestAnHourShowsOneHourOnTheWall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCalendar(t, []Interval{Hour})
		for i := 1; i < len(c.pieces)-1; i++ {
			p := c.pieces[i]
			if p.period < 0 {
				continue
			}
			first := time.UnixMilli(p.start).In(c.zone)
			last := time.UnixMilli(c.pieces[i+1].start - 1).In(c.zone)
			_, a := first.Zone()
			_, b := last.Zone()
			if first.Hour() != last.Hour() || first.Day() != last.Day() || a != b || last.Sub(first) >= time.Hour {
				t.Fatalf("period %s runs from %s to %s", c.periods[p.period].label, first, last)
			}
			if c.periods[p.period].hourEnd != c.pieces[i+1].start {
				t.Fatalf("period %s ends at %d, want %d", c.periods[p.period].label, c.periods[p.period].hourEnd, c.pieces[i+1].start)
			}
		}
	})
}

func TestACalendarIsLaidOutOverTheTurnOfEveryYear(t *testing.T) {
	for _, name := range []string{"Europe/Paris", "America/New_York"} {
		c := newCalendar(zone(t, name), Month, date(t, "2036-12-31"), lastDate)
		if n := len(c.periods); n != len(c.pieces)-2 {
			t.Errorf("%s: %d periods in %d pieces", name, n, len(c.pieces))
		}
	}
}
