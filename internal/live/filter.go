package live

import (
	"fmt"

	"ibarura/internal/event"
	"ibarura/internal/rowblock"
)

// Filter picks rows. Each field that is set has to hold. The fields mean what
// the parameters of the same names mean in reports.
type Filter struct {
	Kind                       string // event or page_view
	Role, ObjectType, ObjectID string
	Type, Tag                  string // of events
	Path                       string // this and what follows: of page views
	Device, Browser, Country   string
	Bot                        *bool // nil: page views of people
	Properties                 []event.Property
}

// MaxProperties bounds the properties of a filter, MaxFilterBytes each of its
// texts.
const (
	MaxProperties  = 5
	MaxFilterBytes = 1024
)

// ofEvents and ofPageViews report whether the filter can pick such rows.
func (f *Filter) ofEvents() bool {
	return f.Kind != rowblock.PageViews.Kind() && f.Path == "" && f.Device == "" && f.Browser == "" && f.Country == "" && f.Bot == nil
}

func (f *Filter) ofPageViews() bool {
	return f.Kind != rowblock.Events.Kind() && f.Type == "" && f.Tag == ""
}

// Check returns an error that says why nothing can ever be picked.
func (f *Filter) Check() error {
	if !f.ofEvents() && !f.ofPageViews() {
		return &FilterError{"type and tag are of events; path, device, browser, country and bot of page views: together they pick nothing"}
	}
	return nil
}

// FilterError says what is wrong with a filter.
type FilterError struct{ Message string }

func (e *FilterError) Error() string { return e.Message }

// ofTable reports whether the filter can pick rows of a table.
func (f *Filter) ofTable(t rowblock.Table) bool {
	if t == rowblock.Events {
		return f.ofEvents()
	}
	return f.ofPageViews()
}

// picks reports whether a row of a table that the filter is for is picked.
func (f *Filter) picks(g *rowblock.Glance) bool {
	switch {
	case !is(f.Role, g.Role), !is(f.ObjectType, g.ObjectType), f.ObjectID != "" && f.ObjectID != string(g.ObjectID):
		return false
	case g.Table() == rowblock.Events:
		if !is(f.Type, g.Type) || f.Tag != "" && !g.HasTag(f.Tag) {
			return false
		}
	case g.Robot != (f.Bot != nil && *f.Bot), f.Path != "" && f.Path != string(g.Path),
		!is(f.Device, g.Device), !is(f.Browser, g.Browser), !is(f.Country, g.Country):
		return false
	}
	for _, p := range f.Properties {
		if !g.HasProperty(p.Key, p.Value) {
			return false
		}
	}
	return true
}

func is(wanted, has string) bool { return wanted == "" || wanted == has }

// key is the same for equal filters only.
func (f *Filter) key() string {
	bot := ""
	if f.Bot != nil {
		bot = fmt.Sprint(*f.Bot)
	}
	key := fmt.Appendf(nil, "%q", []string{f.Kind, f.Role, f.ObjectType, f.ObjectID, f.Type, f.Tag, f.Path, f.Device, f.Browser, f.Country, bot})
	for _, p := range f.Properties {
		key = fmt.Appendf(key, "%q=%q", p.Key, p.Value)
	}
	return string(key)
}
