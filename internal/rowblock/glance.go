package rowblock

import (
	"encoding/binary"

	"ibarura/internal/event"
)

// Moment is what tells of a row who was there, and when.
type Moment struct {
	OccurredAt event.Millis
	Person     uint64 // 0: nobody
	Robot      bool   // a page view of a robot
	Passive    bool   // an event that makes nobody active
}

// EachMoment calls do for every row, in order.
func (b *Block) EachMoment(do func(m Moment)) {
	isEvent := b.table == Events
	for row := range b.Rows() {
		m := Moment{
			OccurredAt: event.Millis(binary.LittleEndian.Uint64(b.occurredAt.data[8*row:])),
			Person:     binary.LittleEndian.Uint64(b.person.data[8*row:]),
		}
		if isEvent {
			m.Passive = b.event.active.data[row] == 0
		} else {
			m.Robot = b.page.bot.data[row] != 0
		}
		do(m)
	}
}

// Glance is what a live view shows of a row and picks rows by. It is valid
// during the call that it is given to; the strings are so for longer, the bytes
// are not.
type Glance struct {
	Moment
	Type, Role, ObjectType        string
	ObjectID, UserID, AnonymousID []byte
	Path                          []byte // this and what follows: of a page view
	Device, Browser, Country      string

	block      *Block
	row        int
	properties propertyCursor
}

// Table is the row's table.
func (g *Glance) Table() Table { return g.block.table }

// HasTag reports whether an event carries a tag.
func (g *Glance) HasTag(tag string) bool {
	if g.block.table != Events {
		return false
	}
	tags := g.block.event.tags
	for i := tags.ends.start(g.row); i < tags.ends.data[g.row]; i++ {
		if tags.labels.names[tags.labels.rows[i]] == tag {
			return true
		}
	}
	return false
}

// HasProperty reports whether the row's property has that text.
func (g *Glance) HasProperty(key, value string) bool {
	return g.properties.has(g.block.properties, g.row, key, value)
}

// propertyCursor stands before the properties of a row. It moves forward only,
// and only when somebody asks.
type propertyCursor struct {
	walk    textWalk
	element uint64
	began   bool
}

func (c *propertyCursor) has(p *pairs, row int, key, value string) bool {
	if !c.began {
		c.walk, c.began = p.values.walk(), true
	}
	for start := p.ends.start(row); c.element < start; c.element++ {
		c.walk.next()
	}
	walk := c.walk
	for i := c.element; i < p.ends.data[row]; i++ {
		text := walk.next()
		if p.keys.names[p.keys.rows[i]] == key && string(text) == value {
			return true
		}
	}
	return false
}

// at returns a row's value.
func (c *labels) at(row int) string { return c.names[c.rows[row]] }

// EachGlance calls do for every row, in order, always with the same Glance.
func (b *Block) EachGlance(do func(g *Glance)) {
	g := Glance{block: b}
	objects, users, anonymous, paths := b.objectID.walk(), b.userID.walk(), b.anonymousID.walk(), textWalk{}
	if b.table == PageViews {
		paths = b.page.path.walk()
	}
	b.EachMoment(func(m Moment) {
		g.Moment = m
		g.Role, g.ObjectType = b.role.at(g.row), b.objectType.at(g.row)
		g.ObjectID = objects.next()
		g.UserID = users.next()
		g.AnonymousID = anonymous.next()
		if b.table == PageViews {
			g.Path = paths.next()
			c := &b.page
			g.Device, g.Browser, g.Country = c.device.at(g.row), c.browser.at(g.row), c.country.at(g.row)
		} else {
			g.Type = b.event.kind.at(g.row)
		}
		do(&g)
		g.row++
	})
}
