package otlp

import (
	"slices"

	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	logs "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	resources "go.opentelemetry.io/proto/slim/otlp/resource/v1"

	"ibarura/internal/event"
	"ibarura/internal/protocol/foreign"
	"ibarura/internal/protocol/strictjson"
)

// pageViews are the names of events that are page views, if they have the
// attribute url.full.
var pageViews = []string{"browser.page_view", "page_view"}

// ofResource are the attributes of a resource that become properties; it may
// have a hundred of them, about machines.
var ofResource = []string{"service.name", "service.namespace", "service.version", "deployment.environment.name"}

// decoder reads records one after the other.
type decoder struct {
	foreign.Context
	export export
	ids    foreign.ContentIDs
	item   foreign.Item
}

// record begins the item with a record, and reads it.
func (d *decoder) record(resource, text []byte) {
	it := &d.item
	it.BeginSized(d.Context, len(text)+len(resource))
	if it.Rejected() {
		return
	}
	var r logs.LogRecord
	if err := d.export.unmarshal(text, &r); err != nil {
		it.Reject(event.Reject(event.CodeInvalidProtobuf, "", "the log record cannot be read"))
		return
	}
	d.when(&r)
	d.what(&r)
	d.attributes(r.GetAttributes())
	d.body(r.GetBody())
	it.Note("trace_id", d.export.hexadecimal(r.GetTraceId()))
	it.Note("span_id", d.export.hexadecimal(r.GetSpanId()))
	d.resource(resource)
	if it.ID == "" && it.OccurredAt != 0 {
		it.ID = d.ids.Of(append(slices.Clip(resource), text...))
	}
}

func (d *decoder) when(r *logs.LogRecord) {
	nanos := r.GetTimeUnixNano()
	if nanos == 0 {
		nanos = r.GetObservedTimeUnixNano()
	}
	d.item.OccurredAt = event.Millis(nanos / 1e6)
}

func (d *decoder) what(r *logs.LogRecord) {
	name := r.GetEventName()
	if name == "" { // where it was before records had a name
		name = textOf(find(r.GetAttributes(), "event.name"))
	}
	if name == "" {
		d.item.Missing("event_name")
		return
	}
	if d.item.Page = slices.Contains(pageViews, name) && find(r.GetAttributes(), "url.full") != nil; !d.item.Page {
		d.item.Name(name)
	}
}

func find(attributes []*common.KeyValue, key string) *common.AnyValue {
	for _, a := range attributes {
		if a.GetKey() == key {
			return a.GetValue()
		}
	}
	return nil
}

func textOf(v *common.AnyValue) string {
	text, _ := valueOf(v).Text()
	return text
}

func (d *decoder) attributes(all []*common.KeyValue) {
	for _, a := range all {
		if d.item.Rejected() {
			return
		}
		key, value := a.GetKey(), valueOf(a.GetValue())
		if to := d.fieldOf(key); to != nil {
			if text := d.item.Text(key, first(value)); text != "" {
				*to = text
			}
			continue
		}
		if !unkept(key) {
			d.item.Set(key, value)
		}
	}
}

// unkept reports whether an attribute of an event is no property: its name, and
// what is looked at for page views and never stored.
func unkept(key string) bool {
	return key == "event.name" || key == "client.address" || key == "user_agent.original"
}

// first returns the first element of an array, anything else as it is: roles
// are a list, of which one counts.
func first(v foreign.Value) foreign.Value {
	if v.Kind() != strictjson.Array {
		return v
	}
	for _, element := range v.Elements() {
		return element
	}
	return foreign.Value{}
}

func (d *decoder) fieldOf(key string) *string {
	it := &d.item
	switch key {
	case "user.id", "enduser.id":
		return &it.Who.UserID
	case "enduser.pseudo.id", "app.installation.id", "device.id":
		return &it.Who.AnonymousID
	case "session.id":
		return &it.Who.SessionID
	case "user.roles", "enduser.role":
		return &it.Who.Role
	case "object.type":
		return &it.Object.Type
	case "object.id":
		return &it.Object.ID
	case "log.record.uid":
		return &it.ID
	}
	if it.Page {
		return d.pageField(key)
	}
	return nil
}

func (d *decoder) pageField(key string) *string {
	it := &d.item
	switch key {
	case "url.full":
		return &it.URL
	case "referrer":
		return &it.Referrer
	case "title":
		return &it.Title
	case "user_agent.original":
		return &it.UserAgent
	case "client.address":
		return &it.IP
	default:
		return nil
	}
}

// body takes the members of a structured body as properties, anything else as
// the property body.
func (d *decoder) body(v *common.AnyValue) {
	if members := v.GetKvlistValue(); members != nil {
		for _, m := range members.GetValues() {
			d.item.Set(m.GetKey(), valueOf(m.GetValue()))
		}
		return
	}
	d.item.Trait("body", valueOf(v))
}

func (d *decoder) resource(text []byte) {
	var r resources.Resource
	if len(text) == 0 || d.export.unmarshal(text, &r) != nil {
		return
	}
	for _, name := range ofResource {
		d.item.Note(name, textOf(find(r.GetAttributes(), name)))
	}
}
