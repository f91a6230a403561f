package posthog

import (
	"strings"

	"ibarura/internal/event"
	"ibarura/internal/protocol/foreign"
)

// cookieless is the distinct_id of a client that keeps nothing on the device.
const cookieless = "$posthog_cookieless"

// who tells users from visitors, for which PostHog has one id: the distinct_id
// of a client that says that it was not identified, or whose id is still the
// device's, is a visitor's; any other is a user's. Counted by distinct_id, both
// would be persons of one kind; here a visitor becomes another person when
// identified, as with every other client.
func (d *decoder) who() {
	it, auto := &d.item, &d.auto
	distinct := it.Text("distinct_id", d.fields.distinctID)
	if distinct == "" {
		distinct = auto.texts[distinctID]
	}
	it.Who.SessionID = auto.texts[sessionID]
	it.UserAgent, it.IP = auto.userAgent(), auto.texts[ip]
	switch {
	case distinct == cookieless:
	case auto.isVisitor(distinct):
		it.Who.AnonymousID = distinct
	default:
		it.Who.UserID = distinct
		if auto.texts[deviceID] != distinct {
			it.Who.AnonymousID = auto.texts[deviceID]
		}
	}
}

func (a *automatic) isVisitor(distinct string) bool {
	switch {
	case a.texts[isIdentified] != "":
		return a.texts[isIdentified] == "false"
	case a.texts[deviceID] != "":
		return a.texts[deviceID] == distinct
	default:
		// A server's client makes up an id where it is given none, and says that
		// there is no person.
		return a.texts[personProfile] == "false" && isUUID(distinct)
	}
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(s[i])) {
			return false
		}
	}
	return true
}

// person says what is known of a user, or of a visitor.
func (d *decoder) person() {
	d.item.Type = event.Identify
	if anonymous := d.auto.texts[anonDistinctID]; anonymous != "" && anonymous != d.item.Who.UserID {
		d.item.Who.AnonymousID = anonymous
	}
	d.traits(d.fields.properties.Get("$set_once"))
	d.traits(d.fields.setOnce)
	for _, set := range d.sets() {
		d.traits(set)
		if role, ok := set.Get("role").Text(); ok && role != "" && len(role) <= d.Limits.MaxLabelBytes {
			d.item.Who.Role = role
		}
	}
}

// sets are the places where what is known of a user stands, the later over the
// earlier.
func (d *decoder) sets() [2]foreign.Value {
	return [2]foreign.Value{d.fields.properties.Get("$set"), d.fields.set}
}

// traits leaves out what a browser's client adds of itself.
func (d *decoder) traits(traits foreign.Value) {
	for key, value := range traits.Members() {
		if !strings.HasPrefix(key, "$") {
			d.item.Trait(key, value)
		}
	}
}

// nameless is what people routes send, which have no events.
func (d *decoder) nameless() {
	if !d.fields.set.Given() && !d.fields.setOnce.Given() {
		d.item.Missing("event")
		return
	}
	d.person()
}

// alias says that a user was known under another id.
func (d *decoder) alias() {
	d.item.Type = event.Alias
	alias := d.item.Text("properties.alias", d.fields.properties.Get("alias"))
	if alias == "" {
		d.item.Missing("properties.alias")
	}
	if d.item.Who.UserID == "" {
		d.item.Who.UserID = d.item.Who.AnonymousID
	}
	if d.item.Who.UserID == "" {
		d.item.Missing("distinct_id")
	}
	d.item.Who.AnonymousID = alias
}

// group says what is known of a group. A server's client makes up a distinct_id
// of its type and key, which is nobody's.
func (d *decoder) group() {
	properties := d.fields.properties
	kind := d.item.Text("properties.$group_type", properties.Get("$group_type"))
	key := d.item.Text("properties.$group_key", properties.Get("$group_key"))
	if kind == "" {
		d.item.Missing("properties.$group_type")
	}
	if key == "" {
		d.item.Missing("properties.$group_key")
	}
	d.item.Type = event.Group
	d.item.Object = event.Object{Type: kind, ID: key}
	if d.item.Who.UserID == "$"+kind+"_"+key {
		d.item.Who.UserID = ""
	}
	d.traits(properties.Get("$group_set"))
}
