package retention

import (
	"errors"
	"fmt"
	"time"

	"ibarura/internal/clickhouse"
)

// MaxDays bounds a tier: a hundred years. Longer is for ever, which is 0.
const MaxDays = 36525

// ErrInvalid is wrapped by what is wrong with a policy.
var ErrInvalid = errors.New("rows cannot be kept like this")

// Check returns an ErrInvalid that says the rule if the tiers break it: counts
// are kept at least as long as people, and those as long as raw.
func Check(days clickhouse.Tiers[uint32]) error {
	for _, tier := range []struct {
		name string
		days uint32
	}{{"raw", days.Raw}, {"people", days.People}, {"counters", days.Counters}} {
		if tier.days > MaxDays {
			return fmt.Errorf("%w: %s is %d days, the limit is %d; 0 is for ever", ErrInvalid, tier.name, tier.days, MaxDays)
		}
	}
	switch {
	case shorter(days.People, days.Raw):
		return fmt.Errorf("%w: people is %d days, shorter than raw, which is %d", ErrInvalid, days.People, days.Raw)
	case shorter(days.Counters, days.People):
		return fmt.Errorf("%w: counters is %d days, shorter than people, which is %d", ErrInvalid, days.Counters, days.People)
	}
	return nil
}

// shorter compares durations of which 0 is for ever.
func shorter(a, b uint32) bool { return a != 0 && (b == 0 || a < b) }

// due returns what is left of a project on a day, and whether that is less than
// before. Months go whole, and never come back if the policy becomes longer.
func due(t clickhouse.Retention, today time.Time) (clickhouse.Retention, bool) {
	before := t.From
	t.From = clickhouse.Tiers[time.Time]{
		Raw:      border(t.Days.Raw, before.Raw, today),
		People:   border(t.Days.People, before.People, today),
		Counters: border(t.Days.Counters, before.Counters, today),
	}
	return t, !t.From.Raw.Equal(before.Raw) || !t.From.People.Equal(before.People) || !t.From.Counters.Equal(before.Counters)
}

// border is the first day of the month in which the last day lies that is to be
// kept.
func border(days uint32, before, today time.Time) time.Time {
	if days == 0 {
		return before
	}
	last := today.AddDate(0, 0, -int(days))
	month := time.Date(last.Year(), last.Month(), 1, 0, 0, 0, 0, time.UTC)
	if month.Before(before) {
		return before
	}
	return month
}
