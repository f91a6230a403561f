package importer

import (
	"bytes"
	"encoding/json"
	"fmt"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/strictjson"
)

// itemizer makes items of a file's lines, in the file's order.
type itemizer interface {
	// appendItem appends the JSON object to send for a line, without a line
	// ending, or says why the line is no item. line may be changed.
	appendItem(dst, line []byte) ([]byte, *event.Rejection)
	// skip passes over a line that an earlier run has brought in; it counts for
	// the ids of later ones.
	skip(line []byte)
}

// jsonItems are lines that are items already. It only adds what is missing: the
// id. Lines that are not JSON go to the server, which says what is wrong.
type jsonItems struct {
	ids     *idMaker
	content []byte // scratch
}

func (j *jsonItems) appendItem(dst, line []byte) ([]byte, *event.Rejection) {
	line = bytes.TrimSpace(line) // offsets of a Cursor begin there
	place, ok := findID(line)
	if !ok || place.given {
		return append(dst, line...), nil
	}
	id := j.ids.next(j.contentOf(line, place))
	dst = append(dst, line[:place.at]...)
	if place.end > place.at { // "id":null or "id":"" is replaced
		return append(appendQuoted(dst, id), line[place.end:]...), nil
	}
	dst = appendQuoted(append(dst, `"id":`...), id)
	if !place.empty {
		dst = append(dst, ',')
	}
	return append(dst, line[place.at:]...), nil
}

func (j *jsonItems) skip(line []byte) {
	line = bytes.TrimSpace(line)
	if place, ok := findID(line); ok && !place.given {
		j.ids.count(j.contentOf(line, place))
	}
}

// contentOf is what an id is made of: all of the line but the address, which is
// not stored and could be found out from the id by trying all there are.
func (j *jsonItems) contentOf(line []byte, p idPlace) []byte {
	if p.addressEnd == 0 {
		return line
	}
	j.content = append(j.content[:0], line[:p.address]...)
	j.content = append(j.content, line[p.addressEnd:]...)
	return j.content
}

func appendQuoted(dst []byte, plain string) []byte {
	return append(append(append(dst, '"'), plain...), '"')
}

// idPlace says where the id of a JSON object is, or where it should be. All
// numbers are offsets into the line.
type idPlace struct {
	given               bool // the item has an id of its own
	at, end             int  // the value to replace; equal: insert a member at
	empty               bool // the object has no member
	address, addressEnd int  // the value of "ip"; both 0: there is none
}

// findID looks for the top-level id of a line without white space around it; ok
// is false if it is not a JSON object.
func findID(line []byte) (place idPlace, ok bool) {
	if strictjson.Check(line) != nil {
		return place, false
	}
	c := strictjson.NewCursor(line)
	if c.Kind() != strictjson.Object {
		return place, false
	}
	c.Enter()
	place.at, place.end, place.empty = c.Offset(), c.Offset(), true
	for c.More() {
		place.empty = false
		key, _, _ := c.Str(nil)
		c.AfterKey()
		kind, start := c.Kind(), c.Offset()
		c.Skip()
		value := line[start:c.Offset()]
		switch key {
		case "id":
			place.given = kind != strictjson.Null && !bytes.Equal(value, []byte(`""`))
			place.at, place.end = start, c.Offset()
		case "ip":
			place.address, place.addressEnd = start, c.Offset()
		}
	}
	return place, true
}

// logItems are lines of an access log, which become page views.
type logItems struct {
	ids      *idMaker
	visitors *visitors
	out      bytes.Buffer
	encode   *json.Encoder
	entry    protocol.AccessLogEntry
}

func newLogItems(ids *idMaker, v *visitors) *logItems {
	l := &logItems{ids: ids, visitors: v}
	l.encode = json.NewEncoder(&l.out)
	l.encode.SetEscapeHTML(false)
	return l
}

// CodeLogLine is the code of a line that is not an access log's. The server
// never sees such a line, so it has no code for it.
const CodeLogLine = "log_line_invalid"

// pageView is the server's format of a page view, as far as a log fills it.
type pageView struct {
	ID          string            `json:"id"`
	OccurredAt  event.Millis      `json:"occurred_at"`
	UserID      string            `json:"user_id,omitempty"`
	AnonymousID string            `json:"anonymous_id"`
	URL         string            `json:"url"`
	Referrer    string            `json:"referrer,omitempty"`
	UserAgent   string            `json:"user_agent,omitempty"`
	IP          string            `json:"ip"` // transient: the server takes the country from it
	Properties  map[string]string `json:"properties"`
}

func (l *logItems) appendItem(dst, line []byte) ([]byte, *event.Rejection) {
	if err := protocol.ParseLogLine(line, &l.entry); err != nil {
		return dst, event.Reject(CodeLogLine, "", "%s", err)
	}
	view := protocol.PageViewOf(&l.entry)
	item := pageView{
		ID:          l.ids.next(afterAddress(line)),
		OccurredAt:  view.OccurredAt,
		UserID:      view.UserID,
		AnonymousID: l.visitors.id(view.IP, view.UserAgent),
		URL:         view.URL,
		Referrer:    view.Referrer,
		UserAgent:   view.UserAgent,
		IP:          view.IP,
		Properties:  make(map[string]string, len(view.Properties)),
	}
	for _, p := range view.Properties {
		item.Properties[p.Key] = p.Value
	}
	l.out.Reset()
	if err := l.encode.Encode(&item); err != nil {
		return dst, event.Reject(CodeLogLine, "", "%s", fmt.Errorf("encode: %w", err))
	}
	return append(dst, bytes.TrimSuffix(l.out.Bytes(), []byte("\n"))...), nil
}

func (l *logItems) skip(line []byte) {
	if protocol.ParseLogLine(line, &l.entry) == nil {
		l.ids.count(afterAddress(line))
	}
}

// afterAddress leaves out the address, as contentOf does.
func afterAddress(line []byte) []byte {
	_, rest, _ := bytes.Cut(line, []byte(" "))
	return rest
}
