package cloudevents

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"slices"
	"strings"

	"ibarura/internal/event"
	"ibarura/internal/protocol/foreign"
	"ibarura/internal/protocol/strictjson"
)

// pageViews are the types of events that are page views, if their data has a
// url.
var pageViews = []string{"page_view", "pageview"}

// decoder reads events one after the other.
type decoder struct {
	foreign.Context
	item foreign.Item
}

// attributes are those that the specification names, and those of ours.
type attributes struct {
	version, id, source, kind, subject, time foreign.Value
	user, anonymous, session, role           foreign.Value
}

func (a *attributes) of(name string) *foreign.Value {
	switch name {
	case "specversion":
		return &a.version
	case "id":
		return &a.id
	case "source":
		return &a.source
	case "type":
		return &a.kind
	case "subject":
		return &a.subject
	case "time":
		return &a.time
	default:
		return a.extension(name)
	}
}

func (a *attributes) extension(name string) *foreign.Value {
	switch name {
	case "userid":
		return &a.user
	case "anonymousid":
		return &a.anonymous
	case "sessionid":
		return &a.session
	case "userrole":
		return &a.role
	default:
		return nil
	}
}

// ofData are the members of an event that say what its data is, or are it.
var ofData = []string{"data", "data_base64", "datacontenttype", "dataschema"}

// read takes an event that has been begun; data that is no object becomes the
// property of that name.
func (d *decoder) read(all iter.Seq2[string, foreign.Value], data foreign.Value, name string) {
	var a attributes
	var others []event.Property
	for key, value := range all {
		if to := a.of(key); to != nil {
			*to = value
		} else if text, ok := value.Text(); ok && len(others) < d.Limits.MaxProperties && !slices.Contains(ofData, key) {
			others = append(others, event.Property{Key: key, Value: text})
		}
	}
	d.required(&a)
	d.who(&a)
	d.data(data, name)
	d.about(&a, others)
}

func (d *decoder) required(a *attributes) {
	it := &d.item
	if version := it.Text("specversion", a.version); version != "1.0" {
		it.Reject(event.Reject(event.CodeWrongType, "specversion", "specversion is not 1.0"))
	}
	kind, id, source := it.Text("type", a.kind), it.Text("id", a.id), it.Text("source", a.source)
	for _, required := range []struct{ name, text string }{{"type", kind}, {"id", id}, {"source", source}} {
		if required.text == "" {
			it.Missing(required.name)
		}
	}
	it.ID = d.idOf(source, id)
	it.OccurredAt = it.Time("time", a.time)
	it.Page = slices.Contains(pageViews, kind)
	if !it.Page {
		it.Name(kind)
	}
}

// idOf joins what is unique only together. A source has no spaces, being an
// address; where it has, or where both are too long, a hash stands for them.
func (d *decoder) idOf(source, id string) string {
	if joined := source + " " + id; len(joined) <= d.Limits.MaxIDBytes && !strings.Contains(source, " ") {
		return joined
	}
	sum := sha256.Sum256([]byte(source + "\x00" + id))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (d *decoder) who(a *attributes) {
	it := &d.item
	it.Who = event.Identity{
		UserID: it.Text("userid", a.user), AnonymousID: it.Text("anonymousid", a.anonymous),
		SessionID: it.Text("sessionid", a.session), Role: it.Text("userrole", a.role),
	}
}

func (d *decoder) data(data foreign.Value, name string) {
	if data.Kind() != strictjson.Object {
		d.item.Trait(name, data)
		return
	}
	for key, value := range data.Members() {
		d.member(key, value)
	}
}

// member takes a member of the data: a field of ours, our properties, or a
// property of its own.
func (d *decoder) member(key string, value foreign.Value) {
	it := &d.item
	if to := d.fieldOf(key); to != nil && value.Given() {
		*to = it.Text("data."+key, value)
		return
	}
	if key == "properties" && value.Kind() == strictjson.Object {
		for key, value := range value.Members() {
			it.Trait(key, value)
		}
		return
	}
	it.Set(key, value)
}

func (d *decoder) fieldOf(key string) *string {
	it := &d.item
	switch {
	case key == "user_id":
		return &it.Who.UserID
	case key == "anonymous_id":
		return &it.Who.AnonymousID
	case !it.Page:
		return nil
	}
	switch key {
	case "url":
		return &it.URL
	case "referrer":
		return &it.Referrer
	case "title":
		return &it.Title
	case "user_agent":
		return &it.UserAgent
	case "ip":
		return &it.IP
	default:
		return nil
	}
}

// about takes the subject as the object, if the data has none, and keeps what
// stands beside the data.
func (d *decoder) about(a *attributes, others []event.Property) {
	it := &d.item
	if subject := it.Text("subject", a.subject); it.Object == (event.Object{}) && subject != "" {
		it.Object.ID = subject
		if kind, id, cut := strings.Cut(subject, "/"); cut && kind != "" && id != "" && len(kind) <= d.Limits.MaxLabelBytes {
			it.Object = event.Object{Type: kind, ID: id}
		}
	}
	source, _ := a.source.Text()
	it.Note("source", source)
	for _, other := range others {
		it.Note(other.Key, other.Value)
	}
}
