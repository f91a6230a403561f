package oracle

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Event is one line of an event stream.
type Event struct {
	ID          string            `json:"id"`
	Type        string            `json:"type,omitempty"` // a page view has none
	At          time.Time         `json:"occurred_at"`
	UserID      string            `json:"user_id,omitempty"`
	AnonymousID string            `json:"anonymous_id,omitempty"`
	SessionID   string            `json:"session_id,omitempty"`
	Role        string            `json:"user_role,omitempty"`
	ObjectType  string            `json:"object_type,omitempty"`
	ObjectID    string            `json:"object_id,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
	Properties  map[string]string `json:"properties,omitempty"`
}

// View is a page view: what its visitor was told apart by is an Event without
// a type, the rest is what was worked out of it.
type View struct {
	Event
	Path        string
	Host        string
	Source      string // referring site
	UTMSource   string
	UTMMedium   string
	UTMCampaign string
	Device      string
	Browser     string
	OS          string
	Country     string
	Bot         bool
	DurationMs  int
}

// Person is the user, or else the anonymous visitor, or nobody: "".
func (e Event) Person() string {
	switch {
	case e.UserID != "":
		return "user " + e.UserID
	case e.AnonymousID != "":
		return "visitor " + e.AnonymousID
	}
	return ""
}

// Load reads NDJSON. Of events with the same id the first one counts.
func Load(r io.Reader) ([]Event, error) {
	var events []Event
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		var e Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("oracle: line %d: %w", n, err)
		}
		events = append(events, e)
	}
	return Once(events), lines.Err()
}

// Once leaves out what was sent before with the same id.
func Once[T interface{ id() string }](sent []T) []T {
	var list []T
	known := map[string]bool{}
	for _, item := range sent {
		if !known[item.id()] {
			known[item.id()] = true
			list = append(list, item)
		}
	}
	return list
}

func (e Event) id() string { return e.ID }
