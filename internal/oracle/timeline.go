package oracle

import (
	"cmp"
	"slices"
)

// TimelineRow is an event or a page view of a person.
type TimelineRow struct {
	At          string            `json:"at"`
	Kind        string            `json:"kind"`
	ID          string            `json:"id"`
	Type        string            `json:"type,omitempty"`
	UserID      string            `json:"user_id,omitempty"`
	AnonymousID string            `json:"anonymous_id,omitempty"`
	SessionID   string            `json:"session_id,omitempty"`
	Role        string            `json:"role,omitempty"`
	ObjectType  string            `json:"object_type,omitempty"`
	ObjectID    string            `json:"object_id,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
	Properties  map[string]string `json:"properties,omitempty"`
	Path        string            `json:"path,omitempty"`

	millis int64
}

// TimelineSummary lists whose histories were joined.
type TimelineSummary struct {
	Linked []Linked `json:"linked"`
}

// Linked is an id that was said to be a user's, and when that was first said.
type Linked struct {
	AnonymousID string `json:"anonymous_id"`
	UserID      string `json:"user_id"`
	Since       string `json:"since"`

	millis int64
}

// Timeline lists what a person did, the newest first. Page views of robots are
// the person's too.
func Timeline(events []Event, pages []View, q Question) Summed {
	asked := Event{UserID: q.User, AnonymousID: q.Anonymous}.Person()
	meant := map[string]bool{asked: true}
	linked := []Linked{}
	if q.Joined {
		linked = q.linked(events)
	}
	for _, l := range linked {
		meant["user "+l.UserID], meant["user "+l.AnonymousID], meant["visitor "+l.AnonymousID] = true, true, true
	}
	rows := []TimelineRow{}
	for _, e := range inside(events, q) {
		if meant[e.Person()] {
			rows = append(rows, q.timelineRow("event", e, ""))
		}
	}
	for _, v := range pages {
		if meant[v.Person()] && q.passes(v.Event) && q.within(v.At) {
			rows = append(rows, q.timelineRow("page_view", v.Event, v.Path))
		}
	}
	slices.SortFunc(rows, func(a, b TimelineRow) int {
		return cmp.Or(cmp.Compare(b.millis, a.millis), cmp.Compare(b.Kind, a.Kind), cmp.Compare(b.ID, a.ID))
	})
	return Summed{top(q, rows), TimelineSummary{linked}}
}

func (q Question) timelineRow(kind string, e Event, path string) TimelineRow {
	return TimelineRow{
		At: q.moment(e), Kind: kind, ID: e.ID, Type: e.Type, UserID: e.UserID, AnonymousID: e.AnonymousID,
		SessionID: e.SessionID, Role: e.Role, ObjectType: e.ObjectType, ObjectID: e.ObjectID,
		Tags: e.Tags, Properties: e.Properties, Path: path, millis: e.At.UnixMilli(),
	}
}

// moment is when it happened, by the clock on the wall.
func (q Question) moment(e Event) string {
	return e.At.In(q.Zone).Format("2006-01-02T15:04:05.000Z07:00")
}

// linked are the ids of the asked user, and of the users whom the asked id was
// said to be, in the order in which that was first said.
func (q Question) linked(events []Event) []Linked {
	said := map[[2]string]Linked{}
	users := map[string]bool{q.User: q.User != ""}
	for _, e := range events {
		if e.Type != "identify" && e.Type != "alias" || e.UserID == "" || e.AnonymousID == "" {
			continue
		}
		key := [2]string{e.AnonymousID, e.UserID}
		if before, known := said[key]; !known || e.At.UnixMilli() < before.millis {
			said[key] = Linked{e.AnonymousID, e.UserID, q.moment(e), e.At.UnixMilli()}
		}
		if e.AnonymousID == q.User+q.Anonymous { // one of them is asked for
			users[e.UserID] = true
		}
	}
	list := []Linked{}
	for _, l := range said {
		if users[l.UserID] {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, func(a, b Linked) int {
		return cmp.Or(cmp.Compare(a.millis, b.millis), cmp.Compare(a.AnonymousID, b.AnonymousID), cmp.Compare(a.UserID, b.UserID))
	})
	return list
}
