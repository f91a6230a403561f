package protocol

import (
	"fmt"
	"strings"
	"testing"

	"ibarura/internal/event"
)

// eventLog keeps copies of what a decoder hands on.
type eventLog struct {
	events   map[int]event.Event
	rejected map[int]*event.Rejection
	order    []int
}

func newEventLog() *eventLog {
	return &eventLog{events: map[int]event.Event{}, rejected: map[int]*event.Rejection{}}
}

func (l *eventLog) Event(index int, e *event.Event) error {
	l.order = append(l.order, index)
	l.events[index] = cloneEvent(e)
	return nil
}

func (l *eventLog) Reject(index int, r *event.Rejection) error {
	l.order = append(l.order, index)
	l.rejected[index] = r
	return nil
}

// pageLog is eventLog for page views.
type pageLog struct {
	views    map[int]event.PageView
	rejected map[int]*event.Rejection
}

func newPageLog() *pageLog {
	return &pageLog{views: map[int]event.PageView{}, rejected: map[int]*event.Rejection{}}
}

func (l *pageLog) PageView(index int, p *event.PageView) error {
	c := *p
	for _, s := range []*string{&c.ID, &c.UserID, &c.AnonymousID, &c.SessionID, &c.Role, &c.Object.Type,
		&c.Object.ID, &c.URL, &c.Referrer, &c.Title, &c.UserAgent, &c.IP} {
		*s = strings.Clone(*s)
	}
	c.Properties = cloneProperties(p.Properties)
	l.views[index] = c
	return nil
}

func (l *pageLog) Reject(index int, r *event.Rejection) error {
	l.rejected[index] = r
	return nil
}

func cloneEvent(e *event.Event) event.Event {
	c := *e
	for _, s := range []*string{&c.ID, &c.Type, &c.UserID, &c.AnonymousID, &c.SessionID, &c.Role, &c.Object.Type, &c.Object.ID} {
		*s = strings.Clone(*s)
	}
	c.Tags = nil
	for _, tag := range e.Tags {
		c.Tags = append(c.Tags, strings.Clone(tag))
	}
	c.Properties = cloneProperties(e.Properties)
	return c
}

func cloneProperties(properties []event.Property) []event.Property {
	var c []event.Property
	for _, p := range properties {
		c = append(c, event.Property{Key: strings.Clone(p.Key), Value: strings.Clone(p.Value)})
	}
	return c
}

func decode(t *testing.T, body string) *eventLog {
	t.Helper()
	lim := event.DefaultLimits()
	log := newEventLog()
	if err := DecodeEvents([]byte(body), &lim, log); err != nil {
		t.Fatalf("DecodeEvents(%.200q): %v", body, err)
	}
	return log
}

func decodeLinesOf(t *testing.T, stream string, lim event.Limits) *eventLog {
	t.Helper()
	log := newEventLog()
	if err := DecodeEventLines(strings.NewReader(stream), &lim, log); err != nil {
		t.Fatalf("DecodeEventLines(%.200q): %v", stream, err)
	}
	return log
}

func summary(rejected map[int]*event.Rejection) map[int]string {
	codes := map[int]string{}
	for index, r := range rejected {
		codes[index] = fmt.Sprintf("%s %s", r.Code, r.Field)
	}
	return codes
}
