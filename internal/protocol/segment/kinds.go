package segment

import (
	"ibarura/internal/event"
	"ibarura/internal/protocol/foreign"
)

func (d *decoder) track() {
	name := d.item.Text("event", d.fields.event)
	if name == "" {
		d.item.Missing("event")
		return
	}
	d.setAll(d.fields.properties)
	d.item.Name(name)
	d.about.note(&d.item)
}

// page takes the address from the properties, where page calls have it, else
// from the context.
func (d *decoder) page() {
	it, page := &d.item, &d.about.page
	it.Page = true
	for key, value := range d.fields.properties.Members() {
		if to := page.of(key); to != nil {
			*to, _ = value.Text()
			continue
		}
		it.Set(key, value)
	}
	it.URL, it.Title, it.Referrer = page.address(), page.title, page.from()
	d.named()
	d.about.noteClient(it)
}

func (d *decoder) screen() {
	d.setAll(d.fields.properties)
	d.item.Type = Screened
	if name := d.item.Text("name", d.fields.name); d.item.Object == (event.Object{}) && name != "" {
		d.item.Object = event.Object{Type: "screen", ID: name}
	}
	d.named()
	d.about.note(&d.item)
}

// named keeps the name and category of a page or screen.
func (d *decoder) named() {
	d.item.Note("name", d.item.Text("name", d.fields.name))
	d.item.Note("category", d.item.Text("category", d.fields.category))
}

// identify says what is known of a user. RudderStack's browser client puts it
// into the context alone.
func (d *decoder) identify() {
	d.item.Type = event.Identify
	d.traitsOf(d.about.traits)
	d.traitsOf(d.fields.traits)
	if role := d.role(d.fields.traits); role != "" {
		d.item.Who.Role = role
	}
}

func (d *decoder) group() {
	d.item.Type = event.Group
	d.item.Object = event.Object{Type: "group", ID: d.item.Text("groupId", d.fields.groupID)}
	if d.item.Object.ID == "" {
		d.item.Missing("groupId")
	}
	d.traitsOf(d.fields.traits)
}

// alias says that a user was known under another id.
func (d *decoder) alias() {
	d.item.Type = event.Alias
	if previous := d.item.Text("previousId", d.fields.previousID); previous != "" {
		d.item.Who.AnonymousID = previous
	}
	if d.item.Who.UserID == "" {
		d.item.Missing("userId")
	}
	if d.item.Who.AnonymousID == "" {
		d.item.Missing("previousId")
	}
}

func (d *decoder) setAll(properties foreign.Value) {
	for key, value := range properties.Members() {
		d.item.Set(key, value)
	}
}

func (d *decoder) traitsOf(traits foreign.Value) {
	for key, value := range traits.Members() {
		d.item.Trait(key, value)
	}
}
