package report

import (
	"context"
	"errors"
)

// PostReport is what was done to one post.
type PostReport struct {
	Totals Engagement        `json:"totals"`
	Series []EngagementPoint `json:"series"`
}

// EngagementPoint is what was done in a period.
type EngagementPoint struct {
	Period string `json:"period" column:"period"`
	Engagement
}

const objectOption = "object_id"

// onePost answers with a PostReport, a point a period.
var onePost = Endpoint{
	Path: "posts/one", Definition: define("post"), Fields: ByRole | ByProperty,
	Options: []Option{{Name: objectOption, Help: "id of the post", Example: "650111dc8c08", Check: func(value string) error {
		if value == "" {
			return errors.New("is missing; it is the id of the post")
		}
		return checkText(value)
	}}},
	calendar: newCalendar,
	build:    func(ctx context.Context, a *asking) (any, error) { return a.post(ctx) },
}

func (a *asking) post(ctx context.Context) (*PostReport, error) {
	var data PostReport
	var all []EngagementPoint
	err := together(ctx,
		into(&all, a.total(), a.postSeries),
		into(&data.Series, a.series(), a.postSeries),
	)
	if err == nil {
		data.Totals = all[0].Engagement
	}
	return &data, err
}

func (a *asking) postSeries(ctx context.Context, s scope) ([]EngagementPoint, error) {
	points := make([]EngagementPoint, len(s.periods))
	for i, p := range s.periods {
		points[i].Period = p.label
	}
	err := a.read(ctx, s.plan(onePostSources), func(scan func(dest ...any) error) error {
		var period int32
		var at Engagement
		if err := scan(append([]any{&period}, at.columns()...)...); err != nil {
			return err
		}
		points[period].Engagement = at
		return nil
	})
	return points, err
}

func (s scope) postParams() params {
	return s.contentTotalParams().with(params{"object": one(s.Options[objectOption])})
}

func (s scope) postDayParams() params {
	return s.dayParams().with(params{"object": one(s.Options[objectOption])})
}
