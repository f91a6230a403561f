package plausible

import (
	"fmt"
	"strings"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/foreign"
	"ibarura/internal/protocol/strictjson"
)

// Body is a body that is a JSON object.
type Body struct{ root foreign.Value }

// Open checks a body. The error is a *protocol.BodyError. body must not change
// while the Body is used.
func Open(body []byte) (*Body, error) {
	root, err := foreign.Open(body)
	if err != nil {
		return nil, err
	}
	if kind := root.Kind(); kind != strictjson.Object {
		return nil, &protocol.BodyError{Code: event.CodeNotAnObject, Message: fmt.Sprintf("the body is %s, want an object", kind)}
	}
	return &Body{root}, nil
}

// WriteKey returns "": the script has no place for a key but its address.
func (b *Body) WriteKey() string { return "" }

// fields are those that are looked at, by their short or long names.
type fields struct {
	name, url, domain, referrer, props, revenue, engaged, depth, interactive foreign.Value
}

func (f *fields) of(key string) *foreign.Value {
	switch key {
	case "n", "name":
		return &f.name
	case "u", "url":
		return &f.url
	case "d", "domain":
		return &f.domain
	case "r", "referrer":
		return &f.referrer
	case "p", "props", "m", "meta":
		return &f.props
	case "$", "revenue":
		return &f.revenue
	case "e":
		return &f.engaged
	case "sd":
		return &f.depth
	case "i", "interactive":
		return &f.interactive
	default:
		return nil
	}
}

// Decode hands the one item to sink, whose error is returned as it is.
func (b *Body) Decode(c foreign.Context, sink protocol.Sink) error {
	var it foreign.Item
	var f fields
	it.Begin(c, b.root)
	for key, value := range b.root.Members() {
		if to := f.of(key); to != nil {
			*to = value
		}
	}
	f.put(&it)
	return it.Emit(0, sink)
}

func (f *fields) put(it *foreign.Item) {
	name, url, referrer := it.Text("n", f.name), it.Text("u", f.url), it.Text("r", f.referrer)
	if name == "" {
		it.Missing("n")
		return
	}
	it.Page = name == "pageview"
	for key, value := range propsOf(f.props).Members() {
		it.Set(key, value)
	}
	it.NoteValue("domain", f.domain)
	if it.Page {
		it.URL, it.Referrer = url, referrer
		return
	}
	it.Name(name)
	it.Note("page_url", url)
	it.Note("page_referrer", referrer)
	f.measure(it)
}

// measure keeps what the script adds to some events.
func (f *fields) measure(it *foreign.Item) {
	it.NoteValue("engaged_ms", f.engaged)
	it.NoteValue("scroll_depth", f.depth)
	it.NoteValue("revenue_amount", f.revenue.Get("amount"))
	it.NoteValue("revenue_currency", f.revenue.Get("currency"))
	it.NoteValue("interactive", f.interactive)
}

// propsOf returns the props, which older scripts send as JSON in a string.
func propsOf(v foreign.Value) foreign.Value {
	text, _ := v.Text()
	if v.Kind() != strictjson.String || !strings.HasPrefix(text, "{") {
		return v
	}
	props, err := foreign.Open([]byte(text))
	if err != nil {
		return foreign.Value{}
	}
	return props
}
