package faulttest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Kind is what a batch holds.
type Kind string

// The kinds of items, named as the paths that take them.
const (
	Events    Kind = "events"
	PageViews Kind = "pageviews"
)

// table is the raw table that the items of a kind belong into.
func (k Kind) table() string {
	if k == PageViews {
		return "page_views"
	}
	return "events"
}

// item is one event or page view as it is sent.
type item struct {
	ID          string            `json:"id"`
	Type        string            `json:"type,omitempty"`
	URL         string            `json:"url,omitempty"`
	OccurredAt  any               `json:"occurred_at"`
	UserID      string            `json:"user_id,omitempty"`
	AnonymousID string            `json:"anonymous_id,omitempty"`
	SessionID   string            `json:"session_id,omitempty"`
	Role        string            `json:"user_role,omitempty"`
	ObjectType  string            `json:"object_type,omitempty"`
	ObjectID    string            `json:"object_id,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
	Properties  map[string]string `json:"properties,omitempty"`
	Title       string            `json:"title,omitempty"`
	Referrer    string            `json:"referrer,omitempty"`
	UserAgent   string            `json:"user_agent,omitempty"`
	DurationMs  int               `json:"duration_ms,omitempty"`

	at time.Time
}

var eventTypes = []string{"login", "post_created", "post_viewed", "content_viewed", "event_viewed", "comment_added", "comment_created",
	"reply_added", "reaction_added", "post_liked", "comment_liked", "post_shared", "content_shared", "event_shared", "notification_sent"}

// poisonType is the type of events that ClickHouse refuses once it is Poisoned.
const poisonType = "poison"

// Poisoned is a constraint of the table events, as an operator might add one
// whose consequences were not thought through.
const Poisoned = "ADD CONSTRAINT IF NOT EXISTS no_poison CHECK type != 'poison'"

var agents = []string{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
	"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}

// draw makes an item of a kind with an id of its own.
func (w *World) draw(r *rand.Rand, kind Kind, id string) item {
	at := w.days[r.IntN(len(w.days))].Add(time.Duration(r.IntN(86_400_000)) * time.Millisecond)
	it := item{ID: id, at: at, OccurredAt: at.UnixMilli(), Role: pick(r, "", "member", "core", "admin")}
	if chance(r, 2) {
		it.OccurredAt = at.Format(time.RFC3339Nano)
	}
	w.drawPerson(r, &it)
	if !chance(r, 4) {
		it.ObjectType, it.ObjectID = pick(r, "post", "event"), fmt.Sprintf("o%d", r.IntN(w.objects))
	}
	it.Properties = map[string]string{"n": fmt.Sprintf("%d \"quoted\" %s", r.IntN(1000), strings.Repeat("x", r.IntN(60)))}
	if kind == Events {
		it.Type = eventTypes[r.IntN(len(eventTypes))]
		it.Tags = pick(r, nil, []string{"go"}, []string{"go", "sql", "go"}, []string{"sql", "sql"})
		return it
	}
	it.URL = fmt.Sprintf("https://a.example/p/%d?utm_source=%s", r.IntN(20), pick(r, "news", "mail"))
	it.Title, it.Referrer, it.UserAgent = "Murakaza neza", pick(r, "", "https://www.google.com/"), pick(r, agents...)
	it.DurationMs = r.IntN(90_000)
	return it
}

// drawPerson makes it a user's, an anonymous visitor's or nobody's, in any
// session: sessions last over midnight and change their person.
func (w *World) drawPerson(r *rand.Rand, it *item) {
	switch person := r.IntN(w.persons); {
	case person == 0:
	case person%3 == 0:
		it.AnonymousID = fmt.Sprintf("a%d", person)
	default:
		it.UserID, it.AnonymousID = fmt.Sprintf("u%d", person), pick(r, "", "laptop")
	}
	if !chance(r, 4) {
		it.SessionID = fmt.Sprintf("s%d", r.IntN(w.sessions))
	}
}

func (it *item) json() []byte {
	text, err := json.Marshal(it)
	if err != nil {
		panic(err) // an item has nothing that JSON cannot say
	}
	return text
}

// digest sums up what was sent, in the words of the raw table: digests has the
// same in SQL. It includes the local day, computed here by the standard library.
func (it *item) digest(kind Kind, zone *time.Location) uint64 {
	own := []string{it.Type, strings.Join(it.Tags, ",")}
	if kind == PageViews {
		own = []string{it.URL, it.Title, it.Referrer, strconv.Itoa(it.DurationMs)}
	}
	return xxhash.Sum64String(strings.Join(append([]string{
		it.ID, it.at.In(zone).Format(time.DateOnly), strconv.FormatInt(it.at.UnixMilli(), 10), it.UserID, it.AnonymousID, it.SessionID,
		it.Role, it.ObjectType, it.ObjectID, it.Properties["n"]}, own...), "\x1f"))
}

// digests are the expressions that sum up a row of the raw table of each kind.
var digests = map[Kind]string{
	Events:    digestBegins + `, type, arrayStringConcat(tags, ',')))`,
	PageViews: digestBegins + `, url, title, referrer, toString(duration_ms)))`,
}

const digestBegins = `xxHash64(concatWithSeparator('\x1f', id, toString(day), toString(toUnixTimestamp64Milli(occurred_at)),
	user_id, anonymous_id, session_id, role, object_type, object_id, properties['n']`
