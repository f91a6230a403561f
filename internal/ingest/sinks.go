package ingest

import (
	"strconv"

	"ibarura/internal/event"
	"ibarura/internal/rowblock"
)

// Event checks and stamps one event, and adds its row to the batch.
func (in *intake) Event(index int, e *event.Event) error {
	if err := in.tick(); err != nil {
		return err
	}
	if e.OccurredAt == 0 {
		e.OccurredAt = in.received
	}
	if r := e.Validate(&in.service.config.Limits, in.received); r != nil {
		return in.Reject(index, r)
	}
	row := &in.event
	row.Event = *e
	in.name(&row.Identity)
	row.Active = !in.service.passive[e.Type] && !event.Automatic(e.Type)
	in.stamp(&row.Stamp, e.OccurredAt, row.Identity)
	if in.blocked(row.Person) {
		return in.Reject(index, blockedPerson)
	}
	id, key := in.identify(e.ID, index, rowblock.Events)
	row.ID = id
	in.batch.block(rowblock.Events, row.Day, key, weight(row.Properties)).AppendEvent(row)
	return in.admit()
}

// PageView checks and stamps one page view, and adds its row to the batch.
func (in *intake) PageView(index int, p *event.PageView) error {
	if err := in.tick(); err != nil {
		return err
	}
	if p.OccurredAt == 0 {
		p.OccurredAt = in.received
	}
	if r := p.Validate(&in.service.config.Limits, in.received); r != nil {
		return in.Reject(index, r)
	}
	row := &in.page
	row.PageView = *p
	row.Visit = event.Visit{}
	in.completeVisitor()
	in.service.visitor.Visit(&row.PageView, &row.Visit)
	in.stamp(&row.Stamp, p.OccurredAt, row.Identity)
	if in.blocked(row.Person) {
		return in.Reject(index, blockedPerson)
	}
	id, key := in.identify(p.ID, index, rowblock.PageViews)
	row.ID = id
	in.batch.block(rowblock.PageViews, row.Day, key, weight(row.Properties)+len(row.URL)+len(row.Referrer)+len(row.Title)).AppendPageView(row)
	return in.admit()
}

// blockedPerson does not name who it is.
var blockedPerson = event.Reject(event.CodePersonBlocked, "", "the person was erased, and nothing is stored of them")

func (in *intake) blocked(person uint64) bool {
	return in.service.config.Blocked != nil && in.service.config.Blocked(in.req.Project.Name, person)
}

// completeVisitor takes the request's word for a visitor that the item does
// not describe.
func (in *intake) completeVisitor() {
	if in.page.UserAgent == "" && in.page.IP == "" {
		in.page.UserAgent, in.page.IP = in.req.UserAgent, in.req.IP
		in.name(&in.page.Identity)
	}
}

// name gives an item that a browser sent its visitor, if it is nobody's, and a
// session, if it has none.
func (in *intake) name(who *event.Identity) {
	visitors := in.service.config.Visitors
	if visitors == nil || in.req.UserAgent == "" {
		return
	}
	project := in.req.Project
	if !in.named {
		in.visitor = visitors.Visitor(in.ctx, project.Name, project.Zone, in.req.IP, in.req.UserAgent, in.now)
		in.named = true
	}
	if who.UserID == "" && who.AnonymousID == "" {
		who.AnonymousID = in.visitor
	}
	if who.SessionID == "" {
		who.SessionID = visitors.Session(project.Name, *who, in.visitor, in.now)
	}
}

// identify gives the item an id if it has none, and the key by which a retry
// will be recognized: none, if nobody can send the id again.
func (in *intake) identify(id string, index int, table rowblock.Table) (string, Key) {
	if id == "" {
		id = in.ids + "-" + strconv.Itoa(index)
		if in.req.IdempotencyKey == "" {
			return id, Key{}
		}
	}
	if in.service.config.Window == 0 {
		return id, Key{}
	}
	return id, KeyOf(in.req.Project.Name, table.Kind(), id)
}

// stamp fills in what every row gets.
func (in *intake) stamp(st *event.Stamp, at event.Millis, who event.Identity) {
	st.Day = event.DayOf(at, in.req.Project.Zone)
	st.Person = event.PersonOf(who)
	st.ReceivedAt = in.received
}
