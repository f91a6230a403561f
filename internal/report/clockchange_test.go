package report_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/oracle"
)

// changes are moments at which clocks were set, each in its own way.
var changes = []struct {
	zone string
	at   time.Time
}{
	{"America/St_Johns", time.Date(2010, 11, 7, 2, 31, 0, 0, time.UTC)},     // 00:01 became 23:01 of the day before
	{"Australia/Lord_Howe", time.Date(2014, 4, 5, 15, 0, 0, 0, time.UTC)},   // 02:00 became 01:30
	{"Australia/Lord_Howe", time.Date(2014, 10, 4, 15, 30, 0, 0, time.UTC)}, // 02:00 became 02:30
	{"America/Sao_Paulo", time.Date(2014, 10, 19, 3, 0, 0, 0, time.UTC)},    // there was no midnight
	{"America/New_York", time.Date(2014, 11, 2, 6, 0, 0, 0, time.UTC)},      // 01:00 to 02:00 came twice
	{"Pacific/Apia", time.Date(2011, 12, 30, 10, 0, 0, 0, time.UTC)},        // there was no 2011-12-30
}

// around makes events of all kinds in the two days around a moment: of users,
// visitors and nobody, passive ones, and with tags sent twice.
func around(at time.Time, seed uint64) []oracle.Event {
	random := rand.New(rand.NewPCG(seed, 1))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	var events []oracle.Event
	for i := range 400 {
		spread := time.Hour
		if i%4 == 0 {
			spread = 48 * time.Hour
		}
		e := oracle.Event{
			ID:     fmt.Sprint(i),
			Type:   pick("login", "post_created", "comment_added", "notification_sent", "user_signup"),
			At:     at.Add(time.Duration(random.Int64N(int64(spread))) - spread/2).Truncate(time.Millisecond),
			Role:   pick("", "core", "member"),
			Tags:   []string{pick("a", "b", "ü"), pick("a", "b"), pick("a", "c")}[:random.IntN(4)],
			UserID: pick("", "ann", "bob", "eve", "kim"),
		}
		if e.UserID == "" {
			e.AnonymousID = pick("", "ann", "visitor")
		}
		if random.IntN(2) == 0 {
			e.ObjectType, e.ObjectID = pick("post", "event", "post"), pick("", "1", "2", "3")
		}
		events = append(events, e)
	}
	return events
}

// roles are taken in turn, since every combination would take minutes.
var roles = []string{"", "core", "member"}

func TestAnswersEqualTheOracleAroundEveryClockChange(t *testing.T) {
	s, _ := service(t)
	for i, change := range changes {
		events := around(change.at, uint64(i))
		own, other := fmt.Sprintf("change%d_own", i), fmt.Sprintf("change%d_other", i)
		if err := store(stand.target, map[string]string{own: change.zone, other: "Asia/Kathmandu"}, events, nil); err != nil {
			t.Fatal(err)
		}
		date := change.at.In(location(t, change.zone)).Format(time.DateOnly)
		for _, cut := range []struct {
			interval string
			from, to int
		}{
			{"hour", -1, 1}, {"day", -1, 0}, {"day", 0, 1}, {"week", -2, 3},
		} {
			t.Run(fmt.Sprintf("%s/%s/%s/%d to %d", change.zone, date, cut.interval, cut.from, cut.to), func(t *testing.T) {
				a := asked{
					zone: change.zone, interval: cut.interval,
					from: day(t, date).AddDays(cut.from).String(), to: day(t, date).AddDays(cut.to).String(),
					role: roles[(i+cut.to)%len(roles)],
				}
				for _, p := range append(append(periodPairs(s), rangePairs(s)...), eventSeries(s)) {
					a.checkIn(t, own, change.zone, events, p)
					a.checkIn(t, other, "Asia/Kathmandu", events, p)
				}
			})
		}
	}
}

func TestPostsAndTagsOfWholeMonthsComeFromAggregates(t *testing.T) {
	s, _ := service(t)
	events := around(time.Date(2014, 6, 30, 22, 0, 0, 0, time.UTC), 77) // midnight of July in Kigali
	if err := store(stand.target, map[string]string{"months": "Africa/Kigali"}, events, nil); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"2014-07-01", "2014-08-01"} {
		a := asked{"Africa/Kigali", "month", "2014-06-01", to, ""}
		for i, tables := range [][]string{1: {"content_day", "events", "object_person"}, 2: {"events", "tag_day", "tag_person"}} {
			if tables == nil {
				continue
			}
			p := rangePairs(s)[i]
			a.checkIn(t, "months", "Africa/Kigali", events, p)
			answer, err := p.ask(t.Context(), a.forService(t, "months", "Africa/Kigali"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tables, answer.Meta.Source); diff != "" {
				t.Error(diff)
			}
		}
	}
}
