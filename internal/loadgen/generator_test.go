package loadgen_test

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ibarura/internal/event"
	"ibarura/internal/loadgen"
	"ibarura/internal/protocol"
)

var noon = time.Date(2026, 6, 17, 12, 0, 0, 0, time.UTC)

func generator(t testing.TB, o loadgen.Options) *loadgen.Generator {
	t.Helper()
	if o.Clock == nil {
		o.Clock = func() time.Time { return noon }
	}
	if o.Run == 0 {
		o.Run = 0xabc
	}
	g, err := loadgen.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// collected are items as the server reads them.
type collected struct {
	t      *testing.T
	events []event.Event
	views  []event.PageView
}

func (c *collected) Reject(index int, r *event.Rejection) error {
	c.t.Fatalf("item %d: %s", index, r)
	return nil
}

func (c *collected) Event(_ int, e *event.Event) error {
	limits := event.DefaultLimits()
	if r := e.Validate(&limits, event.MillisOf(noon)); r != nil {
		c.t.Fatal(r)
	}
	var copied event.Event
	text, _ := json.Marshal(e) // the decoder's strings are views of its buffers
	if err := json.Unmarshal(text, &copied); err != nil {
		return err
	}
	c.events = append(c.events, copied)
	return nil
}

func (c *collected) PageView(_ int, p *event.PageView) error {
	limits := event.DefaultLimits()
	if r := p.Validate(&limits, event.MillisOf(noon)); r != nil {
		c.t.Fatal(r)
	}
	var copied event.PageView
	text, _ := json.Marshal(p)
	if err := json.Unmarshal(text, &copied); err != nil {
		return err
	}
	c.views = append(c.views, copied)
	return nil
}

func decode(t *testing.T, lines []byte) []event.Event {
	t.Helper()
	limits := event.DefaultLimits()
	c := collected{t: t}
	if err := protocol.DecodeEventLines(bytes.NewReader(lines), &limits, &c); err != nil {
		t.Fatal(err)
	}
	return c.events
}

func TestServerReadsTheEventsThatWereMeant(t *testing.T) {
	for _, days := range []int{0, 30} {
		o := loadgen.Options{Seed: 7, Days: days, Users: 50, Posts: 20}
		got := decode(t, generator(t, o).AppendJSON(nil, 3000))
		g := generator(t, o)
		for i := range got {
			if d := cmp.Diff(g.Event(), got[i], cmpopts.EquateEmpty()); d != "" {
				t.Fatalf("event %d: %s", i, d)
			}
		}
	}
}

// The reference side of the benchmark inserts what ours stores.
func TestRowsAreTheEventsAsStored(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Kathmandu")
	if err != nil {
		t.Fatal(err)
	}
	o := loadgen.Options{Seed: 3, Days: 3, Users: 50, Posts: 20}
	rows := generator(t, o).AppendClickHouseRows(nil, 500, loadgen.RowStamp{Project: "p", Zone: zone, Received: event.MillisOf(noon), Seq: 9})
	g := generator(t, o)
	for line := range bytes.Lines(rows) {
		want := g.Event()
		var got map[string]any
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rowOf(&want, zone), got); diff != "" {
			t.Fatal(diff)
		}
	}
}

func rowOf(e *event.Event, zone *time.Location) map[string]any {
	tags, properties := []any{}, map[string]any{}
	for _, tag := range e.Tags {
		tags = append(tags, tag)
	}
	for _, p := range e.Properties {
		properties[p.Key] = p.Value
	}
	person, _ := json.Marshal(event.PersonOf(e.Identity))
	return map[string]any{
		"id": e.ID, "project": "p", "type": e.Type, "person": json.Number(person), "seq": json.Number("9"),
		"day": event.DayOf(e.OccurredAt, zone).String(), "occurred_at": e.OccurredAt.Time().Format("2006-01-02 15:04:05.000"),
		"received_at": noon.Format("2006-01-02 15:04:05.000"), "user_id": e.UserID, "anonymous_id": e.AnonymousID,
		"session_id": e.SessionID, "role": e.Role, "object_type": e.Object.Type, "object_id": e.Object.ID,
		"tags": tags, "properties": properties, "active": e.Type != "notification_sent",
	}
}

func TestPageViewsAreValid(t *testing.T) {
	limits := event.DefaultLimits()
	c := collected{t: t}
	g := generator(t, loadgen.Options{})
	if err := protocol.DecodePageViewLines(bytes.NewReader(g.AppendPageViewJSON(nil, 1000)), &limits, &c); err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, p := range c.views {
		if p.UserID != "" {
			named++
		}
	}
	if len(c.views) != 1000 || named < 400 || named > 600 {
		t.Errorf("%d page views, %d by users", len(c.views), named)
	}
}

func TestEqualSeedsMakeEqualTraffic(t *testing.T) {
	one := generator(t, loadgen.Options{Seed: 5}).AppendJSON(nil, 1000)
	if again := generator(t, loadgen.Options{Seed: 5}).AppendJSON(nil, 1000); !bytes.Equal(one, again) {
		t.Error("the same seed made other traffic")
	}
	if other := generator(t, loadgen.Options{Seed: 6}).AppendJSON(nil, 1000); bytes.Equal(one, other) {
		t.Error("another seed made the same traffic")
	}
}

func TestIDsAreNewInEveryRunAndLane(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range []loadgen.Options{{Run: 1}, {Run: 2}, {Run: 2, Lane: 1, Lanes: 2}} {
		lines := generator(t, o).AppendJSON(nil, 1000)
		for line := range bytes.Lines(lines) {
			id := string(line[loadgen.IDOffset : loadgen.IDOffset+loadgen.IDBytes])
			if seen[id] {
				t.Fatalf("id %s again", id)
			}
			seen[id] = true
		}
	}
	for _, e := range decode(t, generator(t, loadgen.Options{}).AppendJSON(nil, 10)) {
		if len(e.ID) != loadgen.IDBytes || e.ID[:loadgen.RunBytes] != string(loadgen.AppendRun(nil, 0xabc)) {
			t.Errorf("id %s", e.ID)
		}
	}
}

func TestTrafficLooksLikeACommunity(t *testing.T) {
	const n = 200_000
	g := generator(t, loadgen.Options{Seed: 1})
	types, users, roles := map[string]int{}, map[string]int{}, map[string]int{}
	for range n {
		e := g.Event()
		types[e.Type]++
		users[e.UserID]++
		roles[e.Role]++
	}
	if share := float64(types["post_viewed"]) / n; math.Abs(share-0.37) > 0.01 {
		t.Errorf("%.3f of the events are post_viewed", share)
	}
	sent, delivered, opened, clicked := types["notification_sent"], types["notification_delivered"], types["notification_opened"], types["notification_clicked"]
	if sent <= delivered || delivered <= opened || opened <= clicked || clicked == 0 {
		t.Errorf("notifications: %d sent, %d delivered, %d opened, %d clicked", sent, delivered, opened, clicked)
	}
	if types["event_registered"] <= types["event_attended"] || types["event_attended"] <= types["event_cancelled"] || types["event_cancelled"] == 0 {
		t.Errorf("attendance: %v", types)
	}
	for _, role := range []string{"member", "core", "moderator", "admin"} {
		if roles[role] == 0 {
			t.Errorf("nobody is %s", role)
		}
	}
	var active []int
	for _, events := range users {
		active = append(active, events)
	}
	slices.Sort(active)
	slices.Reverse(active)
	top := 0
	for _, events := range active[:len(active)/10] {
		top += events
	}
	if share := float64(top) / n; share < 0.4 || share > 0.8 {
		t.Errorf("the most active tenth does %.2f of everything", share)
	}
}

// Who opens a notification is who received it, by the same channel.
func TestConsequencesFollowTheirCause(t *testing.T) {
	type key struct{ user, object string }
	sent := map[key][]event.Property{}
	g := generator(t, loadgen.Options{Seed: 2, Days: 10})
	for range 50_000 {
		e := g.Event()
		if e.Object.Type != "notification" {
			continue
		}
		k := key{e.UserID, e.Object.ID}
		if e.Type == "notification_sent" {
			sent[k] = e.Properties
		} else if d := cmp.Diff(sent[k], e.Properties); d != "" {
			t.Fatalf("%s of what was never sent so: %s", e.Type, d)
		}
	}
}

func TestBackDatedTrafficHasARhythm(t *testing.T) {
	g := generator(t, loadgen.Options{Days: 28})
	hours := map[int]int{}
	days := map[string]bool{}
	for range 50_000 {
		e := g.Event()
		at := e.OccurredAt.Time()
		if at.After(noon) || !at.After(noon.AddDate(0, 0, -28)) {
			t.Fatalf("%s is not within 28 days before %s", at, noon)
		}
		hours[at.Hour()]++
		days[at.Format(time.DateOnly)] = true
	}
	if len(days) != 29 { // the first and the last are halves
		t.Errorf("%d days", len(days))
	}
	if hours[19] < 10*hours[3] {
		t.Errorf("%d events at 19 h, %d at 3 h", hours[19], hours[3])
	}
}

func TestUnusableOptionsAreRefused(t *testing.T) {
	for _, o := range []loadgen.Options{{Users: 1 << 30}, {Posts: 1 << 30}, {Days: -1}, {Days: 1 << 20}} {
		if _, err := loadgen.New(o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

func TestGeneratingDoesNotAllocate(t *testing.T) {
	g := generator(t, loadgen.Options{Days: 30})
	buffer := g.AppendJSON(nil, 2000)
	if n := testing.AllocsPerRun(20, func() { buffer = g.AppendJSON(buffer[:0], 500) }); n > 1 {
		t.Errorf("%.0f allocations for 500 events", n)
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	g := generator(b, loadgen.Options{})
	var buffer []byte
	b.ReportAllocs()
	for b.Loop() {
		buffer = g.AppendJSON(buffer[:0], 500)
	}
	b.ReportMetric(float64(500*b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkAppendClickHouseRows(b *testing.B) {
	g := generator(b, loadgen.Options{})
	var buffer []byte
	for b.Loop() {
		buffer = g.AppendClickHouseRows(buffer[:0], 500, loadgen.RowStamp{Project: "default", Zone: time.UTC})
	}
	b.ReportMetric(float64(500*b.N)/b.Elapsed().Seconds(), "rows/s")
}
