package report

import "context"

// GrowthPoint is how many persons were first seen in a period, and up to its
// end.
type GrowthPoint struct {
	Period string `json:"period" column:"period"`
	New    uint64 `json:"new"`
	Total  uint64 `json:"total"`
}

const (
	growthIsOfAllRoles = "Growth is of all roles: the role filter does not apply to it."
	growthIsWhole      = "Growth is counted over whole periods, beyond the range where it cuts one."
)

// userGrowth answers with []GrowthPoint, a point a period. Periods that the range
// cuts are counted whole; no filter applies.
var userGrowth = Endpoint{
	Path: "users/growth", Definition: define("growth"), Fields: ByRole,
	days:     ofHistory,
	calendar: snapped,
	build:    func(ctx context.Context, a *asking) (any, error) { return a.growthSeries(ctx, a.outward()) },
}

func (a *asking) growthSeries(ctx context.Context, s scope) ([]GrowthPoint, error) {
	if s.Role != "" {
		a.note(growthIsOfAllRoles)
	}
	if s.from != s.From || s.to != s.To {
		a.note(growthIsWhole)
	}
	total, born, err := a.growth(ctx, s)
	if err != nil {
		return nil, err
	}
	points := make([]GrowthPoint, len(born))
	for i, n := range born {
		total += n
		points[i] = GrowthPoint{s.periods[i].label, n, total}
	}
	return points, nil
}

// people is how many persons there are at the end of a range, and how many of
// them were first seen in it.
type people struct{ born, total uint64 }

// people looks at a scope that is one period.
func (a *asking) people(ctx context.Context, s scope) (people, error) {
	before, born, err := a.growth(ctx, s)
	return people{born: born[0], total: before + born[0]}, err
}

// growth returns the persons first seen before the range and in each period.
func (a *asking) growth(ctx context.Context, s scope) (before uint64, born []uint64, err error) {
	born = make([]uint64, len(s.periods))
	err = a.read(ctx, s.plan(growthSources), func(scan func(dest ...any) error) error {
		var period int32
		var n uint64
		if err := scan(&period, &n); err != nil {
			return err
		}
		switch period {
		case beforeRange:
			before = n
		case afterRange:
		default:
			born[period] = n
		}
		return nil
	})
	return before, born, err
}
