package report

import "context"

// PageRank is how often pages of one value were seen, and by whom.
type PageRank struct {
	Value     string   `json:"value"`
	PageViews uint64   `json:"page_views"`
	Visitors  uint64   `json:"visitors"`        // distinct persons
	Average   *float64 `json:"average_seconds"` // on the page, of the views that told; null: none did
}

// EdgeRank is how many sessions began, or ended, at a page.
type EdgeRank struct {
	Value     string   `json:"value"`
	Sessions  uint64   `json:"sessions"`
	Bounces   uint64   `json:"bounces"`
	Rate      *float64 `json:"bounce_rate" column:"share"`
	PageViews uint64   `json:"page_views"` // of those sessions
	Visitors  uint64   `json:"visitors"`   // distinct persons of those sessions
}

const pagesBy = "by"

// pages answers with []PageRank, most page views first, then most visitors; or,
// by entry and exit, with []EdgeRank, most sessions first, then most page views;
// then by value.
var pages = Endpoint{
	Path: "pages", Definition: define("pages"), Fields: visitFields,
	Options: []Option{choiceOption(pagesBy, "what is ranked",
		"path", "entry", "exit", "source", "utm_source", "utm_medium", "utm_campaign", "device", "browser", "os", "country", "host")},
	Ranking: true,
	build: func(ctx context.Context, a *asking) (any, error) {
		if by := a.option(pagesBy); by == "entry" || by == "exit" {
			return a.edges(ctx, a.total())
		}
		return a.pages(ctx, a.total())
	},
}

// pageRow is a row as it is read.
type pageRow struct {
	PageRank
	told    int64 // milliseconds
	tellers uint64
}

func (a *asking) pages(ctx context.Context, s scope) ([]PageRank, error) {
	rows, err := ranking(ctx, a, s, s.plan(pageSources), func(r *pageRow) []any {
		return []any{&r.Value, &r.PageViews, &r.Visitors, &r.told, &r.tellers}
	})
	list := make([]PageRank, len(rows))
	for i, r := range rows {
		if r.tellers > 0 {
			average := float64(r.told) / float64(r.tellers) / 1000
			r.Average = &average
		}
		list[i] = r.PageRank
	}
	return list, err
}

func (a *asking) edges(ctx context.Context, s scope) ([]EdgeRank, error) {
	if unfit := s.Filter.Fields() &^ sessionFields; unfit != 0 {
		return nil, wrong(CodeUnsupported, unfit.Names()[0], "does not narrow down sessions, whose entries and exits these are")
	}
	list, err := ranking(ctx, a, s, s.plan(edgeSources), func(r *EdgeRank) []any {
		return []any{&r.Value, &r.Sessions, &r.Bounces, &r.PageViews, &r.Visitors}
	})
	for i := range list {
		list[i].Rate = share(list[i].Bounces, list[i].Sessions)
	}
	return list, err
}

func (s scope) pageRankParams() params {
	by := s.Options[pagesBy]
	if by == "" {
		by = "path"
	}
	return s.rankedParams().with(params{pagesBy: one(by)})
}
