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

// TopPosts answers with []PostRank: most persons first, then most events, then
// by name. It takes the filters by role and type.
func (s *Service) TopPosts(ctx context.Context, q Question) (*Answer, error) {
	return s.answer(ctx, q, endpoint{
		definition: define("top_posts"), byType: true,
		build: func(ctx context.Context, a *asking) (any, error) { return a.topPosts(ctx, a.total()) },
	})
}

// TopTags answers with []TagRank: most persons first, then most events, then
// by name. It takes the filters by role, type and object type.
func (s *Service) TopTags(ctx context.Context, q Question) (*Answer, error) {
	return s.answer(ctx, q, endpoint{
		definition: define("top_tags"), byType: true, byObjectType: true,
		build: func(ctx context.Context, a *asking) (any, error) { return a.topTags(ctx, a.total()) },
	})
}

func (a *asking) topPosts(ctx context.Context, s scope) ([]PostRank, error) {
	return rowsOf(ctx, a, s.plan(postSources), func(r *PostRank) []any {
		return []any{&r.Post, &r.Users, &r.Events}
	})
}

func (a *asking) topTags(ctx context.Context, s scope) ([]TagRank, error) {
	return rowsOf(ctx, a, s.plan(tagSources), func(r *TagRank) []any {
		return []any{&r.Tag, &r.Users, &r.Events}
	})
}
