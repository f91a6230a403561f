package loadgen

import (
	"strconv"
	"time"

	"ibarura/internal/event"
)

// RowStamp is what ingest would add to events.
type RowStamp struct {
	Project  string // plain: nothing in it needs an escape
	Zone     *time.Location
	Received event.Millis
	Seq      uint64
}

// AppendClickHouseRows appends n events as lines of ClickHouse's JSONEachRow,
// with every column of the table events: what AppendJSON of an equal generator
// becomes once it is stored.
func (g *Generator) AppendClickHouseRows(dst []byte, n int, st RowStamp) []byte {
	g.tick()
	for range n {
		a := g.next()
		dst = g.appendRow(dst, &a, &st)
	}
	return dst
}

func (g *Generator) appendRow(dst []byte, a *act, st *RowStamp) []byte {
	user := appendUser(make([]byte, 0, 16), a.user)
	person := event.PersonOf(event.Identity{UserID: string(user)})
	object, tags, objectID := kinds[a.kind].object, "[]", []byte(nil)
	if object != "" {
		objectID = g.appendObject(make([]byte, 0, 32), a)
	}
	if object == "post" {
		tags = g.words.tagsOf(a.object).json
	}

	dst = append(dst, `{"id":"`...)
	dst = g.ids.appendTo(dst, a.number)
	dst = append(dst, `","project":"`...)
	dst = append(dst, st.Project...)
	dst = append(dst, `","day":"`...)
	dst = event.DayOf(a.at, st.Zone).Time().AppendFormat(dst, time.DateOnly)
	dst = append(dst, `","type":"`...)
	dst = append(dst, kinds[a.kind].name...)
	dst = append(dst, `","person":`...)
	dst = strconv.AppendUint(dst, person, 10)
	dst = append(dst, `,"occurred_at":"`...)
	dst = g.date.append(dst, a.at, ' ')
	dst = append(dst, `","received_at":"`...)
	dst = g.date.append(dst, st.Received, ' ')
	dst = append(dst, `","seq":`...)
	dst = strconv.AppendUint(dst, st.Seq, 10)
	dst = append(dst, `,"user_id":"`...)
	dst = append(dst, user...)
	dst = append(dst, `","anonymous_id":"","session_id":"`...)
	dst = appendHex(dst, session(a.user, a.at), 16)
	dst = append(dst, `","role":"`...)
	dst = append(dst, g.role(a.user)...)
	dst = append(dst, `","object_type":"`...)
	dst = append(dst, object...)
	dst = append(dst, `","object_id":"`...)
	dst = append(dst, objectID...)
	dst = append(dst, `","tags":`...)
	dst = append(dst, tags...)
	dst = append(dst, `,"properties":`...)
	dst = append(dst, g.words.details[a.kind][a.detail].object...)
	dst = append(dst, `,"active":`...)
	dst = strconv.AppendBool(dst, !a.kind.passive())
	return append(dst, '}', '\n')
}
