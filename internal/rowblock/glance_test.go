package rowblock_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ibarura/internal/event"
	"ibarura/internal/rowblock"
)

// glimpsed is a Glance whose bytes may be kept.
type glimpsed struct {
	rowblock.Moment
	kind, role, objectType, objectID, user, anonymous, path, device, browser, country string
}

func glimpse(g *rowblock.Glance) glimpsed {
	return glimpsed{
		g.Moment, g.Type, g.Role, g.ObjectType, string(g.ObjectID), string(g.UserID), string(g.AnonymousID),
		string(g.Path), g.Device, g.Browser, g.Country,
	}
}

func TestAGlanceShowsEachEventAsItWasAppended(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := events().Draw(t, "rows")
		row := 0
		blockOf(rows).EachGlance(func(g *rowblock.Glance) {
			r := &rows[row]
			row++
			want := glimpsed{
				Moment: rowblock.Moment{OccurredAt: r.OccurredAt, Person: r.Person, Passive: !r.Active},
				kind:   r.Type, role: r.Role, objectType: r.Object.Type, objectID: r.Object.ID, user: r.UserID, anonymous: r.AnonymousID,
			}
			if got := glimpse(g); got != want {
				t.Fatalf("row %d: %+v, want %+v", row, got, want)
			}
			tag, key, value := words().Draw(t, "tag"), words().Draw(t, "key"), words().Draw(t, "value")
			if got, want := g.HasTag(tag), slices.Contains(r.Tags, tag); got != want {
				t.Fatalf("has tag %q: %v, want %v", tag, got, want)
			}
			if got, want := g.HasProperty(key, value), slices.Contains(r.Properties, event.Property{Key: key, Value: value}); got != want {
				t.Fatalf("has property %q=%q: %v, want %v", key, value, got, want)
			}
			for _, p := range r.Properties { // asking again must not disturb the cursor
				if !g.HasProperty(p.Key, p.Value) {
					t.Fatalf("property %+v is not found", p)
				}
			}
		})
		if row != len(rows) {
			t.Fatalf("%d rows, want %d", row, len(rows))
		}
	})
}

func TestAGlanceShowsEachPageViewAsItWasAppended(t *testing.T) {
	b := rowblock.New(rowblock.PageViews)
	for i, path := range []string{"/", "/a", ""} {
		r := event.PageRow{}
		r.OccurredAt, r.Person, r.Path, r.Bot = event.Millis(i), uint64(i), path, i == 1
		r.Device, r.Browser, r.Country, r.Role = "mobile", "Firefox", "RW", "member"
		r.Properties = []event.Property{{Key: "n", Value: path}}
		b.AppendPageView(&r)
	}
	var got []glimpsed
	b.EachGlance(func(g *rowblock.Glance) {
		got = append(got, glimpse(g))
		if !g.HasProperty("n", string(g.Path)) || g.HasTag("any") {
			t.Errorf("row %d: property or tag", len(got))
		}
	})
	all := glimpsed{role: "member", device: "mobile", browser: "Firefox", country: "RW"}
	want := []glimpsed{all, all, all}
	want[0].path, want[1].path = "/", "/a"
	for i := range want {
		want[i].Moment = rowblock.Moment{OccurredAt: event.Millis(i), Person: uint64(i), Robot: i == 1}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}
