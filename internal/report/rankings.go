package report

import "context"

// PostRank is how many persons acted on a post, and how often.
type PostRank struct {
	Post   string `json:"post"`
	Users  uint64 `json:"users"`
	Events uint64 `json:"events"`
}

// TagRank is how many persons used a tag, and how often.
type TagRank struct {
	Tag    string `json:"tag"`
	Users  uint64 `json:"users"`
	Events uint64 `json:"events"`
}

// topPosts answers with []PostRank: most persons first, then most events, then by
// name.
var topPosts = Endpoint{
	Path: "posts/top", Definition: define("top_posts"), Fields: ByRole | ByType | ByTag | ByProperty,
	days:    ofRange,
	Ranking: true,
	build: func(ctx context.Context, a *asking) (any, error) {
		return ranking(ctx, a, a.total(), a.total().plan(postSources), postColumns)
	},
}

// topTags answers with []TagRank: most persons first, then most events, then by
// name.
var topTags = Endpoint{
	Path: "tags/top", Definition: define("top_tags"), Fields: eventFields,
	days:    ofRange,
	Ranking: true,
	build: func(ctx context.Context, a *asking) (any, error) {
		return ranking(ctx, a, a.total(), a.total().plan(tagSources), tagColumns)
	},
}

func postColumns(r *PostRank) []any { return []any{&r.Post, &r.Users, &r.Events} }

func tagColumns(r *TagRank) []any { return []any{&r.Tag, &r.Users, &r.Events} }

func (a *asking) topPosts(ctx context.Context, s scope) ([]PostRank, error) {
	return first(ctx, a, s, s.plan(postSources), postColumns)
}

func (a *asking) topTags(ctx context.Context, s scope) ([]TagRank, error) {
	return first(ctx, a, s, s.plan(tagSources), tagColumns)
}
