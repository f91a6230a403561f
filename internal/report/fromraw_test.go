package report_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

// TestRawRowsGiveTheSameAnswers asks every endpoint twice, over whole months,
// months that the range cuts, and days within one.
func TestRawRowsGiveTheSameAnswers(t *testing.T) {
	s, _ := service(t)
	raw := s.FromRaw()
	for _, e := range report.Endpoints() {
		t.Run(e.Path, func(t *testing.T) {
			t.Parallel()
			for i, cut := range [][2]string{
				{"2013-11-01", "2014-03-01"}, {"2013-11-17", "2014-03-09"}, {"2014-01-30", "2014-02-26"}, {"2014-02-01", "2014-02-11"},
				{"2013-10-20", "2014-01-05"},
			} {
				for _, role := range []string{"", "core"} {
					a := asked{zones[1+i], "month", cut[0], cut[1], role}
					q := a.forService(t, zones[1+i], zones[1+i])
					q.Options = examples(e)
					if role != "" && e.Fields&report.ByRole == 0 {
						continue
					}
					got, err := s.Answer(t.Context(), e.Path, q)
					if err != nil {
						t.Fatal(err)
					}
					want, err := raw.Answer(t.Context(), e.Path, q)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(decode(t, want.Data), decode(t, got.Data)); diff != "" {
						t.Errorf("%+v, from %v: raw (-), answer (+):\n%s", a, got.Meta.Source, diff)
					}
				}
			}
		})
	}
}

// TestAPostOfMorePersonsIsFoundBehindAThousandOfMoreEvents is about the way in
// which posts/top looks at the posts of most events first.
func TestAPostOfMorePersonsIsFoundBehindAThousandOfMoreEvents(t *testing.T) {
	s, _ := service(t)
	at := time.Date(2014, 6, 10, 12, 0, 0, 0, time.UTC)
	var events []oracle.Event
	act := func(user, post string) {
		events = append(events, oracle.Event{
			ID: fmt.Sprint("many", len(events)), Type: "post_viewed", At: at, UserID: user, Role: "member", ObjectType: "post", ObjectID: post,
		})
	}
	for i := range 1100 {
		for range 3 {
			act("the same", fmt.Sprintf("post-%04d", i))
		}
	}
	act("ann", "two")
	act("ben", "two")
	act("", "nobody's")
	if err := store(stand.target, map[string]string{"many": "UTC"}, events, nil); err != nil {
		t.Fatal(err)
	}
	for _, cut := range [][2]string{{"2014-06-01", "2014-07-01"}, {"2014-05-02", "2014-07-20"}, {"2014-06-02", "2014-06-20"}} {
		a := asked{"UTC", "month", cut[0], cut[1], ""}
		a.checkIn(t, "many", "UTC", events, rangePairs(s)[1])
	}
	q := asked{"UTC", "month", "2014-06-01", "2014-07-01", ""}.forService(t, "many", "UTC")
	q.Limit = 1000
	var rows []any
	for page := 0; page == 0 || q.Cursor != ""; page++ {
		answer, err := s.Answer(t.Context(), "posts/top", q)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, decode(t, answer.Data).([]any)...)
		q.Cursor = answer.Meta.NextCursor
	}
	if len(rows) != 1102 || rows[0].(map[string]any)["post"] != "two" || rows[1101].(map[string]any)["post"] != "nobody's" {
		t.Errorf("%d posts, %v to %v", len(rows), rows[0], rows[len(rows)-1])
	}
}

// TestTagsBeyondThoseWithNumbersAreCounted is about the way in which tags/top
// counts persons: tags have numbers, and there are not numbers for any number of them.
func TestTagsBeyondThoseWithNumbersAreCounted(t *testing.T) {
	s, _ := service(t)
	var events []oracle.Event
	use := func(user string, at time.Time, tags ...string) {
		events = append(events, oracle.Event{
			ID: fmt.Sprint("rare", len(events)), Type: "post_viewed", At: at, UserID: user, Role: "member", Tags: tags,
		})
	}
	inside := time.Date(2014, 6, 10, 12, 0, 0, 0, time.UTC)
	edge := time.Date(2014, 7, 3, 12, 0, 0, 0, time.UTC)
	for range 3 { // more events than any tag that has more persons
		for i := range 32_100 / 30 {
			var tags []string
			for n := range 30 {
				tags = append(tags, fmt.Sprintf("tag-%05d", 30*i+n))
			}
			use("the same", inside, tags...)
		}
	}
	use("the same", inside, "tag-32100", "tag-32101")
	use("ann", inside, "rare", "tag-00007")
	use("ben", edge, "rare", "rarer")
	use("ann", edge, "rare")
	use("ann", inside.AddDate(0, -1, 0), "rare")
	if err := store(stand.target, map[string]string{"rare": "UTC"}, events, nil); err != nil {
		t.Fatal(err)
	}
	engagement := pair{"tags/engagement", at(s, "tags/engagement"), func(e []oracle.Event, q oracle.Question) any {
		return oracle.Paths["tags/engagement"](e, nil, q)
	}}
	for _, cut := range [][2]string{{"2014-06-01", "2014-07-01"}, {"2014-05-02", "2014-07-20"}} {
		a := asked{"UTC", "month", cut[0], cut[1], ""}
		for _, p := range []pair{rangePairs(s)[2], engagement} {
			a.checkIn(t, "rare", "UTC", events, p)
		}
	}
}
