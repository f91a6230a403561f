package report

import (
	"context"
	"strconv"
)

// PathRank is how often sessions went from one page to another.
type PathRank struct {
	// Step counts from the start: 1 is the way from it. Absent without a start.
	Step     *uint32 `json:"step,omitempty"`
	From     string  `json:"from"`
	To       string  `json:"to"`
	Count    uint64  `json:"count"`
	Sessions uint64  `json:"sessions"`
}

const (
	startOption = "start"
	depthOption = "depth"
	maxDepth    = 20
)

// pagePaths answers with []PathRank: by step, and in each the most frequent
// first, then by page.
var pagePaths = Endpoint{
	Path: "pages/paths", Definition: define("page_paths"), Fields: sessionFields,
	Options: []Option{
		{Name: startOption, Help: "path at whose first view in a session the ways begin", Check: checkText},
		numberOption(depthOption, "pages behind the start, or the first page, that count", 5, 1, maxDepth),
	},
	Ranking: true,
	build:   func(ctx context.Context, a *asking) (any, error) { return a.paths(ctx, a.total()) },
}

// pathRow is a row as it is read.
type pathRow struct {
	step uint32
	PathRank
}

func (a *asking) paths(ctx context.Context, s scope) ([]PathRank, error) {
	rows, err := ranking(ctx, a, s, s.plan(pathSources), func(r *pathRow) []any {
		return []any{&r.step, &r.From, &r.To, &r.Count, &r.Sessions}
	})
	list := make([]PathRank, len(rows))
	for i := range rows {
		list[i] = rows[i].PathRank
		if a.option(startOption) != "" {
			list[i].Step = &rows[i].step
		}
	}
	return list, err
}

func (s scope) pathParams() params {
	depth := s.Options[depthOption]
	if depth == "" {
		depth = strconv.Itoa(5)
	}
	return s.sessionParams().with(s.pageParams()).with(params{startOption: one(s.Options[startOption]), depthOption: depth})
}
