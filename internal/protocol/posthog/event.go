package posthog

import (
	"strconv"
	"strings"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/foreign"
)

// screened is the type of the event that $screen becomes.
const screened = "screen_viewed"

// decoder reads events one after the other.
type decoder struct {
	foreign.Context
	sink protocol.Sink
	sent foreign.Value
	ids  foreign.ContentIDs

	item   foreign.Item
	fields fields
	auto   automatic
}

// fields are those of an event that are looked at.
type fields struct {
	event, uuid, timestamp, offset, distinctID, properties, set, setOnce foreign.Value
}

func (f *fields) read(event foreign.Value) {
	*f = fields{}
	for key, value := range event.Members() {
		if to := f.of(key); to != nil {
			*to = value
		}
	}
}

func (f *fields) of(key string) *foreign.Value {
	switch key {
	case "event":
		return &f.event
	case "uuid":
		return &f.uuid
	case "timestamp":
		return &f.timestamp
	case "offset":
		return &f.offset
	case "distinct_id", "$distinct_id":
		return &f.distinctID
	case "properties":
		return &f.properties
	case "$set":
		return &f.set
	case "$set_once":
		return &f.setOnce
	default:
		return nil
	}
}

func (d *decoder) event(index int, event foreign.Value) error {
	d.item.Begin(d.Context, event)
	if !d.item.Rejected() {
		d.fields.read(event)
		d.auto.read(d.fields.properties)
		d.when()
		d.who()
		d.what()
		d.identify(event)
	}
	said := d.sayMore()
	if err := d.item.Emit(index, d.sink); err != nil || !said {
		return err
	}
	return d.aside(index, event)
}

// sayMore reports whether an event says something of its user beside what it is.
func (d *decoder) sayMore() bool {
	it := &d.item
	if it.Rejected() || it.Type == event.Identify || it.Who.UserID == "" || d.auto.texts[personProfile] == "false" {
		return false
	}
	for _, set := range d.sets() {
		for key := range set.Members() {
			if !strings.HasPrefix(key, "$") {
				return true
			}
		}
	}
	return false
}

// aside hands on what an event says of its user, as an identify of its own.
func (d *decoder) aside(index int, event foreign.Value) error {
	id, at := d.item.ID, d.item.OccurredAt
	d.item.Begin(d.Context, event)
	d.who()
	d.person()
	d.item.OccurredAt = at
	if id != "" {
		d.item.ID = id + ":set"
	}
	return d.item.Emit(index, d.sink)
}

// when reads the time, or how many milliseconds ago it was.
func (d *decoder) when() {
	it := &d.item
	it.OccurredAt = d.Corrected(it.Time("timestamp", d.fields.timestamp), it.Time("sent_at", d.sent))
	if it.OccurredAt != 0 || !d.fields.offset.Given() {
		return
	}
	ago, err := strconv.ParseFloat(it.Text("offset", d.fields.offset), 64)
	if err != nil || ago < 0 || ago > float64(d.Now) {
		it.Reject(event.Reject(event.CodeNumberOutOfRange, "offset", "offset is not a number of milliseconds since it happened"))
		return
	}
	it.OccurredAt = d.Now - event.Millis(ago)
}

// identify gives the item its id: some of the clients send none.
func (d *decoder) identify(event foreign.Value) {
	d.item.ID = d.item.Text("uuid", d.fields.uuid)
	if d.item.ID == "" && d.fields.timestamp.Given() {
		d.item.ID = d.ids.Of(event.JSON())
	}
}

func (d *decoder) what() {
	name := d.item.Text("event", d.fields.event)
	switch name {
	case "$pageview":
		d.page()
	case "$screen":
		d.screen()
	case "$identify", "$set":
		d.person()
	case "$create_alias", "$merge_dangerously":
		d.alias()
	case "$groupidentify":
		d.group()
	case "":
		d.nameless()
	default:
		d.act(name)
	}
}

func (d *decoder) act(name string) {
	d.set("")
	d.item.Name(name)
	d.auto.note(&d.item)
	d.noteOthers()
}

// page leaves the campaign out, which is read from the address.
func (d *decoder) page() {
	it := &d.item
	it.Page = true
	it.URL, it.Referrer = d.auto.texts[currentURL], d.auto.from()
	it.Title, _ = d.fields.properties.Get("title").Text()
	d.set("utm_")
	d.auto.noteClient(it)
	d.noteOthers()
}

func (d *decoder) screen() {
	d.set("")
	d.item.Type = screened
	if name := d.auto.texts[screenName]; d.item.Object == (event.Object{}) && name != "" {
		d.item.Object = event.Object{Type: "screen", ID: name}
	}
	d.auto.note(&d.item)
	d.noteOthers()
}

// set takes the properties that the producer chose; those of a prefix are left
// out, if it is not "".
func (d *decoder) set(but string) {
	for key, value := range d.fields.properties.Members() {
		switch {
		case strings.HasPrefix(key, "$"), key == "token", key == "distinct_id", d.item.Page && key == "title":
		case but != "" && strings.HasPrefix(key, but):
		default:
			d.item.Set(key, value)
		}
	}
}

// noteOthers takes those properties of the client's own, as far as there is
// room, that may say something.
func (d *decoder) noteOthers() {
	for key, value := range d.fields.properties.Members() {
		if strings.HasPrefix(key, "$") && !meaningless(key) {
			d.item.NoteValue(key, value)
		}
	}
}
