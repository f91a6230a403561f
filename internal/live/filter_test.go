package live

import (
	"testing"

	"ibarura/internal/event"
	"ibarura/internal/rowblock"
)

func TestAFilterPicksTheRowsThatItsNamesPickInReports(t *testing.T) {
	events, views := rowblock.New(rowblock.Events), rowblock.New(rowblock.PageViews)
	e := did("post_created", "a")
	e.Role, e.Tags, e.Object = "member", []string{"go", "db"}, event.Object{Type: "post", ID: "7"}
	e.Properties = []event.Property{{Key: "plan", Value: "pro"}, {Key: "n", Value: "1"}}
	events.AppendEvent(&e)
	var v event.PageRow
	v.Role, v.Path, v.Device, v.Browser, v.Country = "guest", "/a", "mobile", "Firefox", "RW"
	views.AppendPageView(&v)
	v.Bot = true
	views.AppendPageView(&v)

	const theEvent, theView, theRobot = 1, 2, 4
	yes, no := true, false
	for name, c := range map[string]struct {
		filter Filter
		want   int
	}{
		"everything":                {Filter{}, theEvent | theView},
		"kind event":                {Filter{Kind: "event"}, theEvent},
		"kind page_view":            {Filter{Kind: "page_view"}, theView},
		"type":                      {Filter{Type: "post_created"}, theEvent},
		"another type":              {Filter{Type: "login"}, 0},
		"role of an event":          {Filter{Role: "member"}, theEvent},
		"role of a page view":       {Filter{Role: "guest"}, theView},
		"object type":               {Filter{ObjectType: "post"}, theEvent},
		"object":                    {Filter{ObjectType: "post", ObjectID: "7"}, theEvent},
		"another object":            {Filter{ObjectType: "post", ObjectID: "8"}, 0},
		"tag":                       {Filter{Tag: "db"}, theEvent},
		"another tag":               {Filter{Tag: "d"}, 0},
		"property":                  {Filter{Properties: []event.Property{{Key: "n", Value: "1"}}}, theEvent},
		"two properties":            {Filter{Properties: []event.Property{{Key: "n", Value: "1"}, {Key: "plan", Value: "pro"}}}, theEvent},
		"two properties, one wrong": {Filter{Properties: []event.Property{{Key: "plan", Value: "pro"}, {Key: "n", Value: "2"}}}, 0},
		"path":                      {Filter{Path: "/a"}, theView},
		"another path":              {Filter{Path: "/"}, 0},
		"device":                    {Filter{Device: "mobile"}, theView},
		"browser and country":       {Filter{Browser: "Firefox", Country: "RW"}, theView},
		"another country":           {Filter{Browser: "Firefox", Country: "KE"}, 0},
		"robots":                    {Filter{Bot: &yes}, theRobot},
		"no robots":                 {Filter{Bot: &no}, theView},
	} {
		got := 0
		for _, b := range []*rowblock.Block{events, views} {
			if !c.filter.ofTable(b.Table()) {
				continue
			}
			row := 0
			b.EachGlance(func(g *rowblock.Glance) {
				if c.filter.picks(g) {
					got |= map[rowblock.Table][]int{rowblock.Events: {theEvent}, rowblock.PageViews: {theView, theRobot}}[b.Table()][row]
				}
				row++
			})
		}
		if got != c.want {
			t.Errorf("%s: picks %03b, want %03b", name, got, c.want)
		}
		if err := c.filter.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, f := range []Filter{{Type: "a", Path: "/"}, {Kind: "event", Bot: &yes}, {Kind: "page_view", Tag: "a"}} {
		if f.Check() == nil {
			t.Errorf("%+v can pick nothing, and is taken", f)
		}
	}
}

func TestFiltersThatDifferDoNotShareMessages(t *testing.T) {
	yes, no := true, false
	seen := map[string]Filter{}
	for _, f := range []Filter{
		{}, {Role: "a"}, {ObjectType: "a"}, {ObjectID: "a"}, {Type: "a"}, {Tag: "a"}, {Path: "a"}, {Device: "a"}, {Browser: "a"}, {Country: "a"},
		{Kind: "event"}, {Bot: &yes}, {Bot: &no}, {Role: `a" "b`}, {Role: "a", ObjectType: "b"}, {Properties: []event.Property{{Key: "a", Value: "b"}}},
		{Properties: []event.Property{{Key: "a=b"}}}, {Properties: []event.Property{{Key: "a"}, {Key: "b"}}},
	} {
		if other, there := seen[f.key()]; there {
			t.Errorf("%+v and %+v have one key", f, other)
		}
		seen[f.key()] = f
	}
}
