package loadgen

import (
	"time"

	"ibarura/internal/event"
)

// IDOffset is where the id begins in every line that a Generator writes.
const IDOffset = len(`{"id":"`)

// AppendJSON appends n events in the format of the write API, one a line.
func (g *Generator) AppendJSON(dst []byte, n int) []byte {
	g.tick()
	for range n {
		a := g.next()
		dst = g.appendEvent(dst, &a)
	}
	return dst
}

func (g *Generator) appendEvent(dst []byte, a *act) []byte {
	dst = append(dst, `{"id":"`...)
	dst = g.ids.appendTo(dst, a.number)
	dst = append(dst, `","type":"`...)
	dst = append(dst, kinds[a.kind].name...)
	dst = append(dst, `","occurred_at":"`...)
	dst = g.date.append(dst, a.at, 'T')
	dst = append(dst, `Z","user_id":"`...)
	dst = appendUser(dst, a.user)
	dst = append(dst, `","session_id":"`...)
	dst = appendHex(dst, session(a.user, a.at), 16)
	dst = append(dst, `","user_role":"`...)
	dst = append(dst, g.role(a.user)...)
	dst = append(dst, '"')
	if object := kinds[a.kind].object; object != "" {
		dst = append(dst, `,"object_type":"`...)
		dst = append(dst, object...)
		dst = append(dst, `","object_id":"`...)
		dst = g.appendObject(dst, a)
		dst = append(dst, '"')
		if object == "post" {
			dst = append(dst, `,"tags":`...)
			dst = append(dst, g.words.tagsOf(a.object).json...)
		}
	}
	dst = append(dst, g.words.details[a.kind][a.detail].json...)
	return append(dst, '}', '\n')
}

func appendUser(dst []byte, user int32) []byte {
	return appendDigits(append(dst, "user-"...), int(user), 8)
}

// appendObject appends an object's id. Notifications are told apart by run and
// lane, the rest is common to all.
func (g *Generator) appendObject(dst []byte, a *act) []byte {
	switch kinds[a.kind].object {
	case "notification":
		dst = append(dst, "n-"...)
		dst = append(dst, g.ids.head[:8]...)
		dst = appendHex(dst, uint64(g.ids.lane), 2)
		return appendHex(dst, uint64(uint32(a.object)), 8)
	case "event":
		return appendDigits(append(dst, "event-"...), int(a.object), 4)
	default:
		return appendDigits(append(dst, "post-"...), int(a.object), 8)
	}
}

// appendDigits appends n with leading zeros.
func appendDigits(dst []byte, n, digits int) []byte {
	at := len(dst)
	for range digits {
		dst = append(dst, '0')
	}
	for i := at + digits - 1; i >= at; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}

// dateCache writes times; most are of the day of the one before.
type dateCache struct {
	day  int64 // since 1970-01-01
	text [10]byte
}

const millisPerDay = int64(24 * time.Hour / time.Millisecond)

// append appends YYYY-MM-DD, between, and HH:MM:SS.mmm, in UTC.
func (d *dateCache) append(dst []byte, at event.Millis, between byte) []byte {
	day, rest := int64(at)/millisPerDay, int(int64(at)%millisPerDay)
	if day != d.day || d.text[0] == 0 {
		d.day = day
		at.Time().AppendFormat(d.text[:0], time.DateOnly)
	}
	dst = append(dst, d.text[:]...)
	dst = append(dst, between)
	dst = appendDigits(dst, rest/3_600_000, 2)
	dst = append(dst, ':')
	dst = appendDigits(dst, rest/60_000%60, 2)
	dst = append(dst, ':')
	dst = appendDigits(dst, rest/1000%60, 2)
	dst = append(dst, '.')
	return appendDigits(dst, rest%1000, 3)
}
