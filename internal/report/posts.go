package report

import "context"

// PostsOverview is the data of the overview of content.
type PostsOverview struct {
	Totals  PostsTotals    `json:"totals"`
	Created []CreatedPoint `json:"created"`
	Top     []PostContent  `json:"top" schema:"null"`
	Tags    []TagRank      `json:"tags" schema:"null"`
}

// PostsTotals are over the range.
type PostsTotals struct {
	Posts     uint64 `json:"posts"`   // distinct posts acted on
	Created   int64  `json:"created"` // posts created
	People    uint64 `json:"people"`  // distinct persons who acted on a post
	Views     uint64 `json:"views"`
	Comments  uint64 `json:"comments"`
	Reactions uint64 `json:"reactions"`
	Shares    uint64 `json:"shares"`
}

// CreatedPoint is the number of posts created in a period.
type CreatedPoint struct {
	Period string `json:"period" column:"period"`
	Posts  int64  `json:"posts"`
}

// PostContent is a post's rank with what was done to it.
type PostContent struct {
	PostRank
	Views     uint64 `json:"views"`
	Comments  uint64 `json:"comments"`
	Reactions uint64 `json:"reactions"`
	Shares    uint64 `json:"shares"`
}

// postsOverview answers with a PostsOverview.
var postsOverview = Endpoint{
	Path: "posts", Definition: define("posts_overview"), Fields: ByRole,
	days:     ofRange,
	calendar: newCalendar,
	build:    func(ctx context.Context, a *asking) (any, error) { return a.postsOverview(ctx) },
}

func (a *asking) postsOverview(ctx context.Context) (*PostsOverview, error) {
	var data PostsOverview
	var happened series
	total := a.total()
	err := together(ctx,
		into(&data.Totals, total, a.postsTotals),
		into(&happened, a.series(), a.sums),
		unlessBeyond(a, "top", &data.Top, total, a.postsContent),
		unlessBeyond(a, "tags", &data.Tags, total, a.topTags),
	)
	data.Totals.Created = happened.total.postsCreated
	data.Created = seriesOf(happened, func(label string, at sums) CreatedPoint {
		return CreatedPoint{label, at.postsCreated}
	})
	return &data, err
}

func (a *asking) postsTotals(ctx context.Context, s scope) (PostsTotals, error) {
	var t PostsTotals
	err := a.read(ctx, s.plan(postTotalSources), func(scan func(dest ...any) error) error {
		return scan(&t.Posts, &t.People, &t.Views, &t.Comments, &t.Reactions, &t.Shares)
	})
	return t, err
}

func (a *asking) postsContent(ctx context.Context, s scope) ([]PostContent, error) {
	return first(ctx, a, s, s.plan(contentSources), func(p *PostContent) []any {
		return []any{&p.Post, &p.Users, &p.Events, &p.Views, &p.Comments, &p.Reactions, &p.Shares}
	})
}
