package rowblock_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ibarura/internal/event"
	"ibarura/internal/rowblock"
)

// words are what texts are drawn from: empty, short, repeated, longer than a
// one-byte length.
func words() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom([]string{"", "a", "post", "member"}), rapid.StringN(0, 200, 400))
}

func events() *rapid.Generator[[]event.Row] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) event.Row {
		var r event.Row
		r.ID, r.Type = words().Draw(t, "id"), words().Draw(t, "type")
		r.OccurredAt = event.Millis(rapid.Int64Range(0, 1<<42).Draw(t, "at"))
		r.UserID, r.AnonymousID, r.Role = words().Draw(t, "user"), words().Draw(t, "anonymous"), words().Draw(t, "role")
		r.Object = event.Object{Type: words().Draw(t, "object type"), ID: words().Draw(t, "object")}
		r.Tags = rapid.SliceOfN(words(), 0, 3).Draw(t, "tags")
		for range rapid.IntRange(0, 3).Draw(t, "properties") {
			r.Properties = append(r.Properties, event.Property{Key: words().Draw(t, "key"), Value: words().Draw(t, "value")})
		}
		r.Project, r.Day, r.Person = "p", event.Day(rapid.Uint16().Draw(t, "day")), rapid.Uint64().Draw(t, "person")
		r.Active = rapid.Bool().Draw(t, "active")
		return r
	}), 0, 20)
}

func blockOf(rows []event.Row) *rowblock.Block {
	b := rowblock.New(rowblock.Events)
	for i := range rows {
		b.AppendEvent(&rows[i])
	}
	return b
}

// wire is what the driver would send of a block.
func wire(b *rowblock.Block) string {
	var text []byte
	for _, c := range b.Input() {
		var buffer proto.Buffer
		if s, ok := c.Data.(proto.StateEncoder); ok {
			s.EncodeState(&buffer)
		}
		c.Data.EncodeColumn(&buffer)
		text = fmt.Appendf(text, "%s %d %x\n", c.Name, c.Data.Rows(), buffer.Buf)
	}
	return string(text)
}

func TestMergedChunksAreTheRowsOneAfterAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, second := events().Draw(t, "first"), events().Draw(t, "second")
		merged, whole := rowblock.New(rowblock.Events), rowblock.New(rowblock.Events)
		for _, rows := range [][]event.Row{first, second} {
			if err := merged.Merge(blockOf(rows).Encode(nil), 100); err != nil {
				t.Fatal(err)
			}
		}
		if err := whole.Merge(blockOf(append(slices.Clone(first), second...)).Encode(nil), 100); err != nil {
			t.Fatal(err)
		}
		for i := range second {
			whole.SetSeq(len(first)+i, 100+uint64(i))
		}
		if diff := cmp.Diff(wire(whole), wire(merged)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestKeptRowsAreThoseThatWereAppendedAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := events().Draw(t, "rows")
		which := make([]bool, len(rows))
		var kept []event.Row
		for i := range rows {
			if which[i] = rapid.Bool().Draw(t, "keep"); which[i] {
				kept = append(kept, rows[i])
			}
		}
		b := blockOf(rows)
		b.Keep(which)
		if got, want := text(t, b), text(t, blockOf(kept)); got != want {
			t.Errorf("kept %s\nwant %s", got, want)
		}
	})
}

// text has every row as JSON: dictionaries may differ, rows may not.
func text(t interface{ Fatal(...any) }, b *rowblock.Block) string {
	merged := rowblock.New(b.Table())
	if err := merged.Merge(b.Encode(nil), 1); err != nil {
		t.Fatal(err)
	}
	all := ""
	for i := range merged.Rows() {
		all += string(merged.JSON(i)) + "\n"
	}
	return all
}

func TestARangeKeepsRowsAndTheirNumbers(t *testing.T) {
	b := rowblock.New(rowblock.Events)
	rows := make([]event.Row, 10)
	for i := range rows {
		rows[i].ID, rows[i].Type = fmt.Sprint("id", i), fmt.Sprint("t", i%3)
	}
	if err := b.Merge(blockOf(rows).Encode(nil), 50); err != nil {
		t.Fatal(err)
	}
	part := b.Range(3, 5)
	if part.Rows() != 2 || part.Seq(0) != 53 || part.Seq(1) != 54 {
		t.Fatalf("%d rows from %d", part.Rows(), part.Seq(0))
	}
	var got struct{ ID, Type, Seq string }
	if err := json.Unmarshal(part.JSON(1), &got); err != nil || got.ID != "id4" || got.Type != "t1" || got.Seq != "54" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAPageViewKeepsEveryColumn(t *testing.T) {
	b := rowblock.New(rowblock.PageViews)
	b.AppendPageView(&event.PageRow{
		PageView: event.PageView{ID: "v", URL: "https://a.example/x?q", Title: "Ü", Referrer: "r", DurationMs: 1500, UserAgent: "secret", IP: "192.0.2.1",
			Properties: []event.Property{{Key: "k", Value: "v"}}},
		Stamp: event.Stamp{Project: "p", Day: 19_000, Person: 7, ReceivedAt: 1},
		Visit: event.Visit{Host: "a.example", Path: "/x", Source: "s", UTMSource: "1", UTMMedium: "2", UTMCampaign: "3", UTMTerm: "4", UTMContent: "5",
			Device: "mobile", Browser: "Firefox", OS: "Android", Country: "RW", Bot: true},
	})
	merged := rowblock.New(rowblock.PageViews)
	if err := merged.Merge(b.Encode(nil), 1<<60); err != nil {
		t.Fatal(err)
	}
	want := `{"anonymous_id":"","bot":1,"browser":"Firefox","country":"RW","day":"2022-01-08","device":"mobile","duration_ms":1500,"host":"a.example",` +
		`"id":"v","object_id":"","object_type":"","occurred_at":"1970-01-01T00:00:00Z","os":"Android","path":"/x","person":"7","project":"p",` +
		`"properties":{"k":"v"},"received_at":"1970-01-01T00:00:00.001Z","referrer":"r","role":"","seq":"1152921504606846976","session_id":"",` +
		`"source":"s","title":"Ü","url":"https://a.example/x?q","user_id":"","utm_campaign":"3","utm_content":"5","utm_medium":"2","utm_source":"1","utm_term":"4"}`
	if diff := cmp.Diff(want, string(merged.JSON(0))); diff != "" {
		t.Error(diff)
	}
}

func TestAChunkOfAnotherTableOrFormIsRefused(t *testing.T) {
	chunk := blockOf(make([]event.Row, 1)).Encode(nil)
	if err := rowblock.New(rowblock.PageViews).Merge(chunk, 0); err == nil {
		t.Error("a chunk of events was merged into page views")
	}
	chunk[0] = 2
	if err := rowblock.New(rowblock.Events).Merge(chunk, 0); err == nil {
		t.Error("a chunk of a form to come was merged")
	}
}

// FuzzMerge: whatever the bytes are, merging either fails or gives a block
// whose columns agree about the number of rows.
func FuzzMerge(f *testing.F) {
	f.Add(blockOf([]event.Row{{Event: event.Event{ID: "a", Type: "t", Tags: []string{"x", "y"}, Properties: []event.Property{{Key: "k", Value: "v"}}}}, {}}).Encode(nil))
	f.Add(rowblock.New(rowblock.Events).Encode(nil))
	f.Fuzz(func(t *testing.T, chunk []byte) {
		b := rowblock.New(rowblock.Events)
		if b.Merge(chunk, 1) != nil {
			return
		}
		for _, c := range b.Input() {
			if c.Data.Rows() != b.Rows() {
				t.Fatalf("%s has %d rows of %d", c.Name, c.Data.Rows(), b.Rows())
			}
		}
		wire(b)
		for i := range min(b.Rows(), 10) {
			b.JSON(i)
		}
		if err := rowblock.New(rowblock.Events).Merge(b.Encode(nil), 1); err != nil {
			t.Fatalf("what was merged cannot be encoded: %v", err)
		}
	})
}

func sample(n int) []event.Row {
	rows := make([]event.Row, n)
	for i := range rows {
		rows[i] = event.Row{
			Event: event.Event{
				ID: fmt.Sprintf("0190b0a0-0000-7000-8000-%012d", i), Type: []string{"post_created", "login", "comment_added"}[i%3], OccurredAt: event.Millis(1_700_000_000_000 + i),
				Identity: event.Identity{UserID: fmt.Sprintf("user-%d", i%300), Role: "member", SessionID: fmt.Sprintf("session-%d", i%100)},
				Object:   event.Object{Type: "post", ID: fmt.Sprintf("post-%d", i%50)}, Tags: []string{"go", "sql"},
				Properties: []event.Property{{Key: "length", Value: "120"}, {Key: "channel", Value: "web"}},
			},
			Stamp: event.Stamp{Project: "default", Day: 19_700, Person: uint64(i), ReceivedAt: 1_700_000_000_000}, Active: true,
		}
	}
	return rows
}

func BenchmarkAppendAndEncode(b *testing.B) {
	rows := sample(500)
	block := rowblock.New(rowblock.Events)
	var chunk []byte
	b.ReportAllocs()
	for b.Loop() {
		block.Reset()
		for i := range rows {
			block.AppendEvent(&rows[i])
		}
		chunk = block.Encode(chunk[:0])
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500, "ns/row")
	b.ReportMetric(float64(len(chunk))/500, "B/row")
}

func BenchmarkMerge(b *testing.B) {
	chunk := blockOf(sample(500)).Encode(nil)
	block := rowblock.New(rowblock.Events)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%100 == 0 {
			block.Reset()
		}
		if err := block.Merge(chunk, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500, "ns/row")
}
