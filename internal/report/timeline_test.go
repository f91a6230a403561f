package report_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"ibarura/internal/clickhouse"
	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

// timelineIDs names the rows of a person's timeline as it has to be: within
// the range, the newest first, then page views before events, then by id from
// behind.
func timelineIDs(t *testing.T, q report.Question, events []oracle.Event, pages []page, user string) []string {
	t.Helper()
	type row struct {
		at       time.Time
		kind, id string
	}
	var rows []row
	add := func(kind string, e oracle.Event) {
		date := report.DateIn(e.At, q.Zone)
		if e.UserID == user && !date.Before(q.From) && date.Before(q.To) {
			rows = append(rows, row{e.At, kind, e.ID})
		}
	}
	for _, e := range events {
		add("event", e)
	}
	for _, p := range pages {
		add("page_view", p.Event)
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.kind, a.kind), cmp.Compare(b.id, a.id))
	})
	ids := []string{}
	for _, r := range rows {
		ids = append(ids, r.kind+" "+r.id)
	}
	return ids
}

// paged asks for a timeline page by page; between is called after the first.
func paged(t *testing.T, s *report.Service, q report.Question, between func()) []string {
	t.Helper()
	ids := []string{}
	for pages := 0; ; pages++ {
		answer, err := s.Answer(t.Context(), "users/timeline", q)
		if err != nil {
			t.Fatal(err)
		}
		rows := answer.Data.([]report.TimelineRow)
		if len(rows) > q.Limit || pages > 10_000 {
			t.Fatalf("a page of %d rows, after %d pages", len(rows), pages)
		}
		for _, r := range rows {
			ids = append(ids, r.Kind+" "+r.ID)
		}
		if answer.Meta.NextCursor == "" {
			return ids
		}
		q.Cursor = answer.Meta.NextCursor
		if pages == 0 && between != nil {
			between()
		}
	}
}

// steps are events and page views of ann and of others over two years, many of
// them at the same moment, and with the clocks' changes of St. John's among
// them.
func steps() ([]oracle.Event, []page) {
	var events []oracle.Event
	var pages []page
	begin := time.Date(2010, time.November, 6, 20, 0, 0, 0, time.UTC)
	for i := range 300 {
		e := oracle.Event{
			ID: fmt.Sprintf("id %03d", i*7%300), Type: "login", UserID: []string{"ann", "bob", "ann"}[i%3],
			At: begin.Add(time.Duration(i/4*i/4) * 13 * time.Minute),
		}
		if i%5 == 0 {
			pages = append(pages, page{Event: e})
		} else {
			events = append(events, e)
		}
	}
	return events, pages
}

func TestATimelineIsPagedWithoutGapsAndRepeats(t *testing.T) {
	s, _ := service(t)
	events, pages := steps()
	projects := map[string]string{"ann at home": "America/St_Johns", "ann abroad": "Pacific/Apia"}
	if err := store(stand.target, projects, events, pages); err != nil {
		t.Fatal(err)
	}
	for project, zone := range projects {
		for _, cut := range [][2]string{{"2010-11-01", "2013-01-01"}, {"2010-11-06", "2010-11-07"}, {"2010-11-07", "2010-12-11"}} {
			q := asked{"America/St_Johns", "day", cut[0], cut[1], ""}.forService(t, project, zone)
			q.Options, q.Limit = map[string]string{"user_id": "ann"}, 7
			want := timelineIDs(t, q, events, pages, "ann")
			if diff := gocmp.Diff(want, paged(t, s, q, nil)); diff != "" || len(want) == 0 {
				t.Errorf("%s, %v: %d rows (-), by pages (+):\n%s", project, cut, len(want), diff)
			}
		}
	}
}

func TestWhatArrivesLaterDoesNotMoveTheNextPage(t *testing.T) {
	s, _ := service(t)
	events, pages := steps()
	projects := map[string]string{"ann is busy": "UTC"}
	if err := store(stand.target, projects, events, pages); err != nil {
		t.Fatal(err)
	}
	q := asked{"UTC", "day", "2010-11-01", "2013-01-01", ""}.forService(t, "ann is busy", "UTC")
	q.Options, q.Limit = map[string]string{"user_id": "ann"}, 20
	want := timelineIDs(t, q, events, pages, "ann")
	got := paged(t, s, q, func() {
		newest := oracle.Event{ID: "new", Type: "login", UserID: "ann", At: time.Date(2012, 12, 31, 0, 0, 0, 0, time.UTC)}
		if err := store(stand.target, projects, []oracle.Event{newest}, nil); err != nil {
			t.Fatal(err)
		}
	})
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestATimelineRowHasWhatIsKnown(t *testing.T) {
	s, _ := service(t)
	e := oracle.Event{
		ID: "1", Type: "post_created", UserID: "ann", AnonymousID: "a1", Role: "core", ObjectType: "post", ObjectID: "p", Tags: []string{"x"},
		At: time.Date(2026, 7, 5, 22, 15, 30, 120e6, time.UTC),
	}
	if err := store(stand.target, map[string]string{"ann's row": "Africa/Kigali"}, []oracle.Event{e}, nil); err != nil {
		t.Fatal(err)
	}
	q := asked{"Africa/Kigali", "day", "2026-07-06", "2026-07-07", "core"}.forService(t, "ann's row", "Africa/Kigali")
	q.Options = map[string]string{"user_id": "ann"}
	answer, err := s.Answer(t.Context(), "users/timeline", q)
	if err != nil {
		t.Fatal(err)
	}
	want := []any{map[string]any{
		"at": "2026-07-06T00:15:30.120+02:00", "kind": "event", "id": "1", "type": "post_created", "user_id": "ann", "anonymous_id": "a1",
		"role": "core", "object_type": "post", "object_id": "p", "tags": []any{"x"},
	}}
	if diff := gocmp.Diff(want, decode(t, answer.Data)); diff != "" {
		t.Error(diff)
	}
}

func TestHistoriesAreJoinedOnlyWhenAskedFor(t *testing.T) {
	s, _ := service(t)
	at := time.Date(2026, 7, 5, 12, 0, 0, 0, time.UTC)
	events := []oracle.Event{
		{ID: "1", Type: "page", AnonymousID: "visitor", At: at},
		{ID: "2", Type: "identify", AnonymousID: "visitor", UserID: "ann", At: at.Add(time.Minute)},
		{ID: "3", Type: "login", UserID: "former", At: at.Add(2 * time.Minute)},
		{ID: "4", Type: "alias", AnonymousID: "former", UserID: "ann", At: at.Add(3 * time.Minute)},
		{ID: "5", Type: "login", UserID: "bob", At: at.Add(4 * time.Minute)},
	}
	if err := store(stand.target, map[string]string{"linked": "UTC"}, events, nil); err != nil {
		t.Fatal(err)
	}
	links := []report.LinkedIdentity{
		{AnonymousID: "visitor", UserID: "ann", Since: "2026-07-05T12:01:00.000Z"},
		{AnonymousID: "former", UserID: "ann", Since: "2026-07-05T12:03:00.000Z"},
	}
	for _, c := range []struct {
		options map[string]string
		rows    []string
		linked  []report.LinkedIdentity
	}{
		{map[string]string{"user_id": "ann"}, []string{"4", "2"}, nil},
		{map[string]string{"anonymous_id": "visitor"}, []string{"1"}, nil},
		{map[string]string{"user_id": "ann", "linked": "true"}, []string{"4", "3", "2", "1"}, links},
		{map[string]string{"anonymous_id": "visitor", "linked": "true"}, []string{"4", "3", "2", "1"}, links},
		{map[string]string{"user_id": "former", "linked": "true"}, []string{"4", "3", "2", "1"}, links},
		{map[string]string{"user_id": "bob", "linked": "true"}, []string{"5"}, nil},
	} {
		q := asked{"UTC", "day", "2026-07-01", "2026-08-01", ""}.forService(t, "linked", "UTC")
		q.Options = c.options
		answer, err := s.Answer(t.Context(), "users/timeline", q)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, r := range answer.Data.([]report.TimelineRow) {
			ids = append(ids, r.ID)
		}
		if diff := gocmp.Diff(c.rows, ids); diff != "" {
			t.Errorf("%v: %s", c.options, diff)
		}
		linked := answer.Summary.(report.TimelineSummary).Linked
		if len(linked) != len(c.linked) || len(linked) > 0 && decodedDiff(t, c.linked, linked) != "" {
			t.Errorf("%v: joined with %+v", c.options, linked)
		}
		if said := len(answer.Meta.Notes) > 0; said != (c.options["linked"] == "true") {
			t.Errorf("%v: notes %q", c.options, answer.Meta.Notes)
		}
	}
}

func decodedDiff(t *testing.T, want, got any) string {
	t.Helper()
	return gocmp.Diff(decode(t, want), decode(t, got))
}

func TestATimelineIsOfOnePersonAndItsCursorItsOwn(t *testing.T) {
	s, _ := service(t)
	for name, c := range map[string]struct {
		options map[string]string
		cursor  string
		code    string
		field   string
	}{
		"nobody":            {nil, "", report.CodeMissing, "user_id"},
		"two":               {map[string]string{"user_id": "a", "anonymous_id": "b"}, "", report.CodeMissing, "user_id"},
		"neither yes or no": {map[string]string{"user_id": "a", "linked": "perhaps"}, "", report.CodeInvalid, "linked"},
		"broken text":       {map[string]string{"user_id": "a\x00"}, "", report.CodeInvalid, "user_id"},
		"a short cursor":    {map[string]string{"user_id": "a"}, "AAAA", report.CodeInvalid, "cursor"},
		"another's cursor":  {map[string]string{"user_id": "a"}, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", report.CodeInvalid, "cursor"},
	} {
		_, err := s.Answer(t.Context(), "users/timeline", report.Question{
			Project: "UTC", ProjectZone: time.UTC, Options: c.options, Cursor: c.cursor,
		})
		var wrong *report.QuestionError
		if !errors.As(err, &wrong) || wrong.Code != c.code || wrong.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestATimelineSkipsTheGranulesOfOthers asks the engine how much it would read.
func TestATimelineSkipsTheGranulesOfOthers(t *testing.T) {
	_, events := service(t)
	conn, err := clickhouse.Open(stand.target)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	rows, err := conn.Query(t.Context(),
		`SELECT explain FROM (EXPLAIN indexes = 1 SELECT id FROM events WHERE project = 'UTC' AND person IN [xxHash64('u:' || ?)]) WHERE explain LIKE '%person_bloom%'`,
		events[0].UserID)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		t.Error("the bloom filter of persons is not used")
	}
}
