// Package prototest helps the tests of the protocol packages: a sink that keeps
// what it is given, and the bodies that real clients were recorded to send.
package prototest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ibarura/internal/event"
	"ibarura/internal/protocol/foreign"
)

// Log keeps copies of what a decoder hands on. It is a protocol.Sink.
type Log struct {
	Events   map[int]event.Event
	Pages    map[int]event.PageView
	Rejected map[int]string // code, a space, and the field
	Order    []int
	Asides   []event.Event // events of an index that has something already
}

// NewLog returns an empty Log.
func NewLog() *Log {
	return &Log{Events: map[int]event.Event{}, Pages: map[int]event.PageView{}, Rejected: map[int]string{}}
}

// Event keeps an event.
func (l *Log) Event(index int, e *event.Event) error {
	kept := *e
	for _, s := range []*string{&kept.ID, &kept.Type, &kept.UserID, &kept.AnonymousID, &kept.SessionID, &kept.Role, &kept.Object.Type, &kept.Object.ID} {
		*s = strings.Clone(*s)
	}
	kept.Tags = nil
	for _, tag := range e.Tags {
		kept.Tags = append(kept.Tags, strings.Clone(tag))
	}
	kept.Properties = clone(e.Properties)
	if slices.Contains(l.Order, index) {
		l.Asides = append(l.Asides, kept)
	} else {
		l.Events[index] = kept
	}
	l.Order = append(l.Order, index)
	return nil
}

// PageView keeps a page view.
func (l *Log) PageView(index int, p *event.PageView) error {
	kept := *p
	for _, s := range []*string{&kept.ID, &kept.UserID, &kept.AnonymousID, &kept.SessionID, &kept.Role, &kept.Object.Type,
		&kept.Object.ID, &kept.URL, &kept.Referrer, &kept.Title, &kept.UserAgent, &kept.IP} {
		*s = strings.Clone(*s)
	}
	kept.Properties = clone(p.Properties)
	l.Pages[index] = kept
	l.Order = append(l.Order, index)
	return nil
}

// Reject keeps a rejection.
func (l *Log) Reject(index int, r *event.Rejection) error {
	l.Rejected[index] = r.Code + " " + r.Field
	l.Order = append(l.Order, index)
	return nil
}

// clone copies properties, in the order of their keys.
func clone(properties []event.Property) []event.Property {
	var kept []event.Property
	for _, p := range properties {
		kept = append(kept, event.Property{Key: strings.Clone(p.Key), Value: strings.Clone(p.Value)})
	}
	slices.SortFunc(kept, func(a, b event.Property) int { return strings.Compare(a.Key, b.Key) })
	return kept
}

// Properties are key and value in turn, sorted by key.
func Properties(pairs ...string) []event.Property {
	var all []event.Property
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, event.Property{Key: pairs[i], Value: pairs[i+1]})
	}
	return clone(all)
}

// Now is when the requests of these tests arrive: 2026-11-24T17:20:00Z.
const Now event.Millis = 1_795_540_800_000

// Context is that of a request that no browser sent.
func Context() foreign.Context {
	lim := event.DefaultLimits()
	return foreign.Context{Limits: &lim, Now: Now}
}

// Recorded returns the bodies in testdata/recorded, by the name of their file.
func Recorded(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/recorded/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded bodies: %v", err)
	}
	bodies := map[string][]byte{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		bodies[filepath.Base(file)] = text
	}
	return bodies
}

// Bounded fails the test if something was handed on that is over the limits on
// numbers of things, which decoders have to keep themselves, or out of order.
func (l *Log) Bounded(t testing.TB, lim *event.Limits) {
	t.Helper()
	if !slices.IsSorted(l.Order) {
		t.Fatalf("handed on in the order %v", l.Order)
	}
	for index, e := range l.Events {
		if len(e.Tags) > lim.MaxTags || len(e.Properties) > lim.MaxProperties {
			t.Fatalf("item %d has %d tags and %d properties", index, len(e.Tags), len(e.Properties))
		}
		distinct(t, fmt.Sprintf("item %d", index), e.Properties)
	}
	for index, p := range l.Pages {
		if len(p.Properties) > lim.MaxProperties {
			t.Fatalf("page view %d has %d properties", index, len(p.Properties))
		}
		distinct(t, fmt.Sprintf("page view %d", index), p.Properties)
	}
}

func distinct(t testing.TB, who string, properties []event.Property) {
	t.Helper()
	for i := 1; i < len(properties); i++ {
		if properties[i].Key == properties[i-1].Key {
			t.Fatalf("%s has the property %q twice", who, properties[i].Key)
		}
	}
}
