package live

import (
	"encoding/json"
	"fmt"
	"time"
)

// The kinds of messages.
const (
	stateEvent  = "state"  // all counters, and the rows listed last: the first message
	updateEvent = "update" // the same counters now, and the rows since the message before
	resetEvent  = "reset"  // messages are missing: what was gathered so far is to be thrown away
	endEvent    = "end"    // the last message, and why
)

// Active is how many distinct persons were there: with an event that is not
// passive, or a page view that is no robot's. Windows move in steps of ten seconds.
type Active struct {
	Last5m  uint64 `json:"last_5m"`
	Last30m uint64 `json:"last_30m"`
	Exact   bool   `json:"exact"`
}

// State is the counters of a project.
type State struct {
	Active    Active `json:"active"`
	Last30m   Counts `json:"last_30m"`   // by the time at which it happened
	PerSecond Rates  `json:"per_second"` // taken in by this process, mean of ten seconds
	Received  Counts `json:"received"`   // taken in by this process since it was started
}

// Matching is what a filter picked of what this process took in.
type Matching struct {
	PerSecond Rates  `json:"per_second"`
	Received  Counts `json:"received"` // since somebody watches by this filter
}

// Update is the data of the messages state and update.
type Update struct {
	At time.Time `json:"at"`
	State
	Matching Matching `json:"matching"`
	Latest   []Row    `json:"latest"`   // that the filter picked, newest first
	Unlisted uint64   `json:"unlisted"` // rows picked and not in latest, since the message before
}

// Message is what a reader gets. It is shared by many readers and not changed.
type Message struct {
	ID     string    // empty: it cannot be resumed from
	at     time.Time // of a message with an id
	sse    []byte
	socket []byte
}

func (m *Message) size() int { return len(m.sse) + len(m.socket) }

// newMessage writes a message for both transports.
func newMessage(id, event string, data any) *Message {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err) // numbers, texts and times of ours
	}
	m := &Message{ID: id}
	if id != "" {
		m.sse = fmt.Appendf(m.sse, "id: %s\n", id)
		m.socket = fmt.Appendf(m.socket, `{"id":%q,"event":%q,"data":%s}`, id, event, text)
	} else {
		m.socket = fmt.Appendf(m.socket, `{"event":%q,"data":%s}`, event, text)
	}
	m.sse = fmt.Appendf(m.sse, "event: %s\ndata: %s\n\n", event, text)
	return m
}

// beat keeps a silent connection alive and shows one side that the other is gone.
var beat = &Message{sse: []byte(": beat\n\n"), socket: []byte(`{"event":"beat"}`)}

// reason is the data of the messages reset and end.
type reason struct {
	Reason string `json:"reason"`
}

var gap = newMessage("", resetEvent, reason{"gap"})
