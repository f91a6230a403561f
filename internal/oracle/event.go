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
	ID          string    `json:"id"`
	Type        string    `json:"type"`
	At          time.Time `json:"occurred_at"`
	UserID      string    `json:"user_id"`
	AnonymousID string    `json:"anonymous_id"`
	SessionID   string    `json:"session_id"`
	Role        string    `json:"user_role"`
	ObjectType  string    `json:"object_type"`
	ObjectID    string    `json:"object_id"`
	Tags        []string  `json:"tags"`

	Properties map[string]string `json:"properties"`
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
	ids := map[string]bool{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		var e Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("oracle: line %d: %w", n, err)
		}
		if !ids[e.ID] {
			ids[e.ID] = true
			events = append(events, e)
		}
	}
	return events, lines.Err()
}
