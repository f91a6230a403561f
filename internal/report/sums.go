package report

import "context"

// sums is what happened in a period: numbers that add up.
type sums struct {
	events, pageViews, botPageViews int64
	postsCreated, comments          int64
	signups, logins                 int64
}

func (s *sums) add(other sums) {
	s.events += other.events
	s.pageViews += other.pageViews
	s.botPageViews += other.botPageViews
	s.postsCreated += other.postsCreated
	s.comments += other.comments
	s.signups += other.signups
	s.logins += other.logins
}

// series is what happened by period, and in all.
type series struct {
	labels []string
	points []sums
	total  sums
}

// seriesOf picks one number of every point.
func seriesOf[T any](s series, point func(label string, at sums) T) []T {
	list := make([]T, len(s.points))
	for i, at := range s.points {
		list[i] = point(s.labels[i], at)
	}
	return list
}

// sums reads what happened in each period.
func (a *asking) sums(ctx context.Context, s scope) (series, error) {
	result := series{points: make([]sums, len(s.periods))}
	for _, p := range s.periods {
		result.labels = append(result.labels, p.label)
	}
	err := a.read(ctx, s.plan(sumSources), func(scan func(dest ...any) error) error {
		var period int32
		var at sums
		if err := scan(&period, &at.events, &at.pageViews, &at.botPageViews,
			&at.postsCreated, &at.comments, &at.signups, &at.logins); err != nil {
			return err
		}
		result.points[period] = at
		result.total.add(at)
		return nil
	})
	return result, err
}
