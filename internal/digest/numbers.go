package digest

import (
	"context"
	"fmt"
	"time"

	"ibarura/internal/report"
)

// Asker answers questions; report.Service does, and httpapi asks the same one.
type Asker interface {
	Answer(ctx context.Context, path string, q report.Question) (*report.Answer, error)
}

// Subject is what a report is about.
type Subject struct {
	Project  string
	Zone     *time.Location
	Period   Period
	From, To report.Date // half-open
}

// Numbers are what a report says, in no language.
type Numbers struct {
	Subject
	BeforeFrom, BeforeTo report.Date // the period before; zero if there is none
	Figures              []Figure
	Moves                []Move
	Active, Events       Series
	Posts, Tags          []Ranked
	Attendance           report.Attendance
}

// Figure is a number beside that of the period before.
type Figure struct {
	Key       string // as the API names it
	Now, Then int64
	Compared  bool // there is a period before
}

// Series are the values of the parts of a period, and of those of the one before.
type Series struct {
	Labels    []string // as the API labels them
	Now, Then []float64
}

// Ranked is a post or a tag.
type Ranked struct {
	Name        string
	Users, Then uint64
	Events      uint64
	Compared    bool
}

// The lengths of the lists.
const (
	mostRanked   = 5
	mostMovables = 100 // tags and types that are looked at for what moved
)

// Collect asks for everything that a report says.
func Collect(ctx context.Context, ask Asker, s Subject) (*Numbers, error) {
	n := &Numbers{Subject: s}
	for _, part := range []func(context.Context, Asker) error{n.summary, n.posts, n.tags, n.types, n.attendance} {
		if err := part(ctx, ask); err != nil {
			return nil, err
		}
	}
	n.Moves = largest(n.Moves)
	return n, nil
}

func (n *Numbers) ask(ctx context.Context, ask Asker, path string, limit int, compare report.Comparing) (*report.Answer, error) {
	answer, err := ask.Answer(ctx, path, report.Question{
		Project: n.Project, ProjectZone: n.Zone, From: n.From, To: n.To, Interval: n.Period.interval(), Limit: limit, Compare: compare,
		Options: map[string]string{},
	})
	if err != nil {
		return nil, fmt.Errorf("ask for %s: %w", path, err)
	}
	return answer, nil
}

func (n *Numbers) summary(ctx context.Context, ask Asker) error {
	answer, err := n.ask(ctx, ask, "summary", 0, report.Previous)
	if err != nil {
		return err
	}
	now, then := answer.Data.(*report.SummaryOverview), &report.SummaryOverview{}
	compared := answer.Compare != nil
	if compared {
		then = answer.Compare.Data.(*report.SummaryOverview)
		if n.BeforeFrom, err = report.ParseDate(answer.Compare.From); err != nil {
			return err
		}
		n.BeforeTo = n.From
	}
	n.Figures = figures(now.Totals, then.Totals, compared)
	for _, f := range n.Figures {
		n.moved(Move{Kind: "figure", Name: f.Key, Now: f.Now, Then: f.Then}, compared)
	}
	n.Active, n.Events = activeSeries(now, then), eventSeries(now, then)
	return nil
}

// figures are the totals in the order in which they are shown.
func figures(now, then report.SummaryTotals, compared bool) []Figure {
	return []Figure{
		{"active_users", int64(now.ActiveUsers), int64(then.ActiveUsers), compared},
		{"new_users", int64(now.NewUsers), int64(then.NewUsers), compared},
		{"events", now.Events, then.Events, compared},
		{"page_views", now.PageViews, then.PageViews, compared},
		{"posts_created", now.PostsCreated, then.PostsCreated, compared},
		{"comments", now.Comments, then.Comments, compared},
		{"signups", now.Signups, then.Signups, compared},
		{"logins", now.Logins, then.Logins, compared},
	}
}

func activeSeries(now, then *report.SummaryOverview) (s Series) {
	for _, p := range now.Series.Active {
		s.Labels, s.Now = append(s.Labels, p.Period), append(s.Now, float64(p.Users))
	}
	for _, p := range then.Series.Active {
		s.Then = append(s.Then, float64(p.Users))
	}
	return s
}

func eventSeries(now, then *report.SummaryOverview) (s Series) {
	for _, p := range now.Series.Events {
		s.Labels, s.Now = append(s.Labels, p.Period), append(s.Now, float64(p.Events))
	}
	for _, p := range then.Series.Events {
		s.Then = append(s.Then, float64(p.Events))
	}
	return s
}

func (n *Numbers) posts(ctx context.Context, ask Asker) error {
	answer, err := n.ask(ctx, ask, "posts/engagement", mostRanked, "")
	if err != nil {
		return err
	}
	for _, p := range answer.Data.([]report.PostEngagement) {
		n.Posts = append(n.Posts, ranked(p.Post, p.Trend))
	}
	return nil
}

func (n *Numbers) tags(ctx context.Context, ask Asker) error {
	answer, err := n.ask(ctx, ask, "tags/engagement", mostMovables, "")
	if err != nil {
		return err
	}
	for _, t := range answer.Data.([]report.TagEngagement) {
		r := ranked(t.Tag, t.Trend)
		if len(n.Tags) < mostRanked {
			n.Tags = append(n.Tags, r)
		}
		n.moved(Move{Kind: "tag", Name: t.Tag, Now: int64(r.Users), Then: int64(r.Then)}, r.Compared)
	}
	return nil
}

func ranked(name string, t report.Trend) Ranked {
	r := Ranked{Name: name, Users: t.Users, Events: t.Events, Compared: t.Previous != nil}
	if r.Compared {
		r.Then = t.Previous.Users
	}
	return r
}

func (n *Numbers) types(ctx context.Context, ask Asker) error {
	answer, err := n.ask(ctx, ask, "events/types", mostMovables, report.Previous)
	if err != nil || answer.Compare == nil {
		return err
	}
	then := map[string]uint64{}
	for _, t := range answer.Compare.Data.([]report.TypeCount) {
		then[t.Type] = t.Events
	}
	for _, t := range answer.Data.([]report.TypeCount) {
		n.moved(Move{Kind: "type", Name: t.Type, Now: int64(t.Events), Then: int64(then[t.Type])}, true)
		delete(then, t.Type)
	}
	for name, events := range then {
		n.moved(Move{Kind: "type", Name: name, Then: int64(events)}, true)
	}
	return nil
}

func (n *Numbers) attendance(ctx context.Context, ask Asker) error {
	answer, err := n.ask(ctx, ask, "attendance", mostRanked, "")
	if err != nil {
		return err
	}
	n.Attendance = answer.Data.(*report.AttendanceReport).Totals
	return nil
}

// quiet reports whether nothing happened, now or before.
func (n *Numbers) quiet() bool {
	for _, f := range n.Figures {
		if f.Now != 0 || f.Then != 0 {
			return false
		}
	}
	return true
}
