package retention

import (
	"errors"
	"testing"
	"time"

	"ibarura/internal/clickhouse"
)

func day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

func TestACoarserTierIsNeverKeptShorter(t *testing.T) {
	for _, c := range []struct {
		days clickhouse.Tiers[uint32]
		good bool
	}{
		{clickhouse.Tiers[uint32]{}, true},
		{clickhouse.Tiers[uint32]{Raw: 30, People: 30, Counters: 30}, true},
		{clickhouse.Tiers[uint32]{Raw: 30, People: 0, Counters: 0}, true},
		{clickhouse.Tiers[uint32]{Raw: 0, People: 30, Counters: 0}, false},
		{clickhouse.Tiers[uint32]{Raw: 30, People: 29, Counters: 0}, false},
		{clickhouse.Tiers[uint32]{Raw: 30, People: 60, Counters: 59}, false},
		{clickhouse.Tiers[uint32]{Raw: 30, People: 0, Counters: 60}, false},
		{clickhouse.Tiers[uint32]{Raw: MaxDays + 1}, false},
	} {
		if err := Check(c.days); (err == nil) != c.good || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("%v: %v", c.days, err)
		}
	}
}

func TestMonthsGoWholeAndNeverComeBack(t *testing.T) {
	kept := clickhouse.Retention{Days: clickhouse.Tiers[uint32]{Raw: 30, People: 90}, From: clickhouse.Tiers[time.Time]{
		Raw: day("1970-01-01"), People: day("1970-01-01"), Counters: day("1970-01-01"),
	}}
	kept, less := due(kept, day("2024-03-31")) // 30 days before: 2024-03-01
	if want := (clickhouse.Tiers[time.Time]{Raw: day("2024-03-01"), People: day("2024-01-01"), Counters: day("1970-01-01")}); !less || kept.From != want {
		t.Errorf("%v, %v", less, kept.From)
	}
	if again, less := due(kept, day("2024-03-31")); less || again.From != kept.From {
		t.Errorf("the same day again: %v", again.From)
	}
	kept.Days.Raw = 300
	if longer, less := due(kept, day("2024-04-15")); less || longer.From.Raw != day("2024-03-01") {
		t.Errorf("kept longer from now on: %v, %v", less, longer.From)
	}
}
