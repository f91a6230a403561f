package report_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ibarura/internal/clickhouse"
	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

func TestAnAnswerCarriesItsContract(t *testing.T) {
	s, _ := service(t)
	q := asked{"Africa/Kigali", "month", "2026-06-15", "2026-10-01", "core"}.forService(t, "Africa/Kigali", "Africa/Kigali")
	answer, err := s.Answer(t.Context(), "users/growth", q)
	if err != nil {
		t.Fatal(err)
	}
	if answer.Meta.RowsRead == 0 {
		t.Error("no rows were read")
	}
	answer.Meta.RowsRead, answer.Data = 0, nil
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"data":null,"meta":{` +
		`"definition":{"key":"growth","title":"User growth","sentence":"Persons by the period of their earliest active event over all history and of any role, and their running total; periods are counted whole, also where the range cuts them."},` +
		`"from":"2026-06-15","to":"2026-10-01","interval":"month","timezone":"Africa/Kigali","filters":{"role":"core"},` +
		`"exact":true,"source":["persons"],"as_of":"2026-09-01T12:00:00Z","partial":["2026-09-01"],"elapsed_ms":0,"rows_read":0,` +
		`"notes":["Growth is counted over whole periods, beyond the range where it cuts one.","Growth is of all roles: the role filter does not apply to it."]}}`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Error(diff)
	}
}

func TestARankingIsOnePeriod(t *testing.T) {
	s, _ := service(t)
	answer, err := s.Answer(t.Context(), "posts/top", report.Question{Project: "UTC", ProjectZone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	m := answer.Meta
	if m.Interval != "" || m.From != "2026-08-03" || m.To != "2026-09-02" || m.Timezone != "UTC" {
		t.Errorf("meta is %+v", m)
	}
	if diff := cmp.Diff([]string{"2026-08-03"}, m.Partial); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"events"}, m.Source); diff != "" {
		t.Error(diff)
	}
}

func TestAnEmptyProjectHasZerosAndEmptyLists(t *testing.T) {
	s, _ := service(t)
	q := asked{"UTC", "day", "2026-08-01", "2026-08-03", ""}.forService(t, "there is none", "UTC")
	for name, c := range map[string]struct {
		ask  method
		want string
	}{
		"active": {at(s, "users/active"), `[{"period":"2026-08-01","users":0},{"period":"2026-08-02","users":0}]`},
		"growth": {at(s, "users/growth"), `[{"period":"2026-08-01","new":0,"total":0},{"period":"2026-08-02","new":0,"total":0}]`},
		"types":  {at(s, "events/types"), `[]`},
		"posts":  {at(s, "posts/top"), `[]`},
		"tags":   {at(s, "tags/top"), `[]`},
	} {
		answer, err := c.ask(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(answer.Data)
		if err != nil {
			t.Fatal(err)
		}
		if string(text) != c.want {
			t.Errorf("%s: %s, want %s", name, text, c.want)
		}
	}
}

func TestARangeWithoutAMomentIsEmpty(t *testing.T) {
	s, _ := service(t)
	for _, project := range []string{"Pacific/Apia", "UTC"} {
		for _, interval := range []string{"hour", "day"} {
			q := asked{"Pacific/Apia", interval, "2011-12-30", "2011-12-31", ""}.forService(t, project, project)
			for _, ask := range []method{at(s, "users/active"), at(s, "users/growth"), at(s, "users"), at(s, "posts"), at(s, "events"), at(s, "summary")} {
				if _, err := ask(t.Context(), q); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

func TestTheLongestSeriesIsAnswered(t *testing.T) {
	s, events := service(t)
	for _, a := range []asked{
		{"America/New_York", "hour", "2012-01-01", "2013-02-18", ""}, // 415 days
		{"America/New_York", "day", "2000-01-01", "2027-05-18", ""},  // 9,999 days
	} {
		for _, project := range []string{"America/New_York", "UTC"} {
			answer, err := s.Answer(t.Context(), "users/active", a.forService(t, project, project))
			if err != nil {
				t.Fatal(err)
			}
			points := answer.Data.([]report.ActivePoint)
			sum := 0
			for _, p := range points {
				sum += int(p.Users)
			}
			if len(points) < 9_900 || sum < oracle.ActiveTotal(events, a.forOracle(t)) {
				t.Errorf("%s of %s: %d points that add up to %d", a.interval, project, len(points), sum)
			}
		}
	}
}

// TestFilterTextIsNeverSQL sends what breaks naive quoting through every layer.
func TestFilterTextIsNeverSQL(t *testing.T) {
	s, _ := service(t)
	texts := []string{`'`, `\`, `\'`, `a\tb`, "a\tb", "a\nb", `"`, `{x:String}`, `']) OR 1=1 --`, `ü😀`, `%`, `\N`, ` `, `[]`}
	var events []oracle.Event
	for i, text := range texts {
		events = append(events, oracle.Event{
			ID: text, Type: text, UserID: text, Role: text, ObjectType: text, ObjectID: text, Tags: []string{text},
			At: now.Add(-time.Duration(i+1) * time.Minute),
		})
	}
	if err := store(stand.target, map[string]string{"texts": "UTC"}, events, nil); err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		for field, filter := range map[string]report.Filter{
			"role": {Role: text}, "type": {Type: text}, "object_type": {ObjectType: text},
		} {
			q := report.Question{Project: "texts", ProjectZone: time.UTC, Filter: filter}
			answer, err := s.Answer(t.Context(), "events/types", q)
			if err != nil {
				t.Errorf("%s %q: %v", field, text, err)
				continue
			}
			if diff := cmp.Diff([]report.TypeCount{{Type: text, Events: 1, Users: 1}}, answer.Data); diff != "" {
				t.Errorf("%s %q: %s", field, text, diff)
			}
		}
	}
}

// TestErasedCountsAreHidden finds what an erasure leaves: counts that were
// subtracted to zero, and nothing in the tables of persons.
func TestErasedCountsAreHidden(t *testing.T) {
	s, _ := service(t)
	kept := oracle.Event{
		ID: "1", Type: "post_created", UserID: "here", Role: "core", ObjectType: "post", ObjectID: "q",
		At: time.Date(2026, 7, 5, 9, 0, 0, 0, time.UTC),
	}
	if err := store(stand.target, map[string]string{"erased": "UTC"}, []oracle.Event{kept}, nil); err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(stand.target)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for _, statement := range []string{
		`INSERT INTO metrics_daily (project, day, type, role, events) VALUES ('erased', '2026-07-05', 'post_created', 'left', 1)`,
		`INSERT INTO metrics_daily (project, day, type, role, events) VALUES ('erased', '2026-07-05', 'post_created', 'left', -1)`,
		`INSERT INTO content_day (project, day, object_type, object_id, events) VALUES ('erased', '2026-07-05', 'post', 'p', 1)`,
		`INSERT INTO content_day (project, day, object_type, object_id, events) VALUES ('erased', '2026-07-05', 'post', 'p', -1)`,
	} {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	q := asked{"UTC", "month", "2026-07-01", "2026-08-01", ""}.forService(t, "erased", "UTC")
	posts, err := s.Answer(t.Context(), "posts/top", q)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]report.PostRank{{Post: "q", Users: 1, Events: 1}}, posts.Data); diff != "" {
		t.Error(diff)
	}
	users, err := s.Answer(t.Context(), "users", q)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]report.RoleCount{{Role: "core", Users: 1, Events: 1}}, users.Data.(*report.UsersOverview).Roles); diff != "" {
		t.Error(diff)
	}
}

// fake is a Runner that answers with an error, or not before its context ends.
type fake struct {
	fail          string // query that fails at once; the others wait
	running, most atomic.Int32
}

var errFake = errors.New("the engine is on fire")

func (f *fake) Query(ctx context.Context, name, _ string, _ map[string]string,
	_ func(scan func(dest ...any) error) error) (uint64, error) {
	switch name {
	case "stand":
		return 0, errFake // and the question is answered without what is kept or derived
	case "borders":
		return 0, nil // nothing was removed
	}
	n := f.running.Add(1)
	defer f.running.Add(-1)
	for most := f.most.Load(); n > most && !f.most.CompareAndSwap(most, n); most = f.most.Load() {
		continue
	}
	if name == f.fail {
		return 0, errFake
	}
	<-ctx.Done()
	return 0, ctx.Err()
}

func asking(f *fake) *report.Service {
	return report.New(f, func() time.Time { return now }, report.DefaultLimits())
}

func TestOneFailedBlockCancelsTheOthers(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	f := &fake{fail: "growth"}
	_, err := asking(f).Answer(t.Context(), "users", report.Question{Project: "p", ProjectZone: time.UTC})
	if !errors.Is(err, errFake) || !strings.Contains(err.Error(), "users_overview") {
		t.Errorf("error %v, want the engine's with the name of the report", err)
	}
}

func TestAtMostFourBlocksRunAtOnce(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	f := &fake{}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := asking(f).Answer(ctx, "summary", report.Question{Project: "p", ProjectZone: time.UTC})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the deadline's", err)
	}
	if most := f.most.Load(); most != 4 {
		t.Errorf("%d blocks at once, want 4", most)
	}
}

func TestAFilterThatCannotApplyIsRefused(t *testing.T) {
	s := asking(&fake{})
	for _, c := range []struct {
		ask    method
		filter report.Filter
		field  string
	}{
		{at(s, "users/growth"), report.Filter{Type: "login"}, "type"},
		{at(s, "users"), report.Filter{Type: "login"}, "type"},
		{at(s, "summary"), report.Filter{ObjectType: "post"}, "object_type"},
		{at(s, "posts/top"), report.Filter{ObjectType: "event"}, "object_type"},
	} {
		_, err := c.ask(t.Context(), report.Question{Project: "p", ProjectZone: time.UTC, Filter: c.filter})
		var wrong *report.QuestionError
		if !errors.As(err, &wrong) || wrong.Code != report.CodeUnsupported || wrong.Field != c.field {
			t.Errorf("%+v: error %v", c.filter, err)
		}
	}
}

func TestEveryMethodHasItsDefinition(t *testing.T) {
	s, _ := service(t)
	for key, ask := range map[string]method{
		"active_users": at(s, "users/active"), "growth": at(s, "users/growth"), "event_types": at(s, "events/types"), "top_posts": at(s, "posts/top"),
		"top_tags": at(s, "tags/top"), "users_overview": at(s, "users"), "posts_overview": at(s, "posts"),
		"events_overview": at(s, "events"), "summary_overview": at(s, "summary"),
	} {
		answer, err := ask(t.Context(), report.Question{Project: "UTC", ProjectZone: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		if got := answer.Meta.Definition; got.Key != key || got.Sentence == "" {
			t.Errorf("the definition of %s is %+v", key, got)
		}
		if !answer.Meta.Exact || len(answer.Meta.Source) == 0 {
			t.Errorf("%s: exact %t from %v", key, answer.Meta.Exact, answer.Meta.Source)
		}
	}
}
