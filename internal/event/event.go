// Package event is the domain: what is counted, and what makes an item
// acceptable. It stands at the beginning of the way from POST to chart, and
// every later stage speaks in its types. It imports nothing of ours.
package event

import "time"

// Millis is a moment in Unix milliseconds, UTC: the resolution at which
// events are stored.
type Millis int64

// MillisOf returns t as Unix milliseconds.
func MillisOf(t time.Time) Millis { return Millis(t.UnixMilli()) }

// Time returns the moment as a time.Time in UTC.
func (m Millis) Time() time.Time { return time.UnixMilli(int64(m)).UTC() }

// Day is a civil date as days since 1970-01-01, the wire format of
// ClickHouse's Date.
type Day uint16

// Identity says who acted, in which session, and in which role at that moment.
type Identity struct {
	UserID      string
	AnonymousID string
	SessionID   string
	Role        string
}

// Object is the thing acted on: a post, an event that people attend, a
// notification.
type Object struct {
	Type string
	ID   string
}

// Property is one key of an item's free-form data. Values are text: numbers
// keep the digits they were sent with, nested values are compact JSON.
type Property struct {
	Key   string
	Value string
}

// Event is one thing that happened, as a producer reports it.
type Event struct {
	ID         string // unique within the project; retries repeat it
	Type       string
	OccurredAt Millis // 0: absent, ingest takes the time of arrival
	Identity
	Object     Object
	Tags       []string
	Properties []Property
}

// PageView is one visit to a page. UserAgent and IP are looked at and thrown
// away: only what they imply (browser, country) is stored.
type PageView struct {
	ID         string
	OccurredAt Millis
	Identity
	Object     Object
	URL        string
	Referrer   string
	Title      string
	DurationMs uint32
	Properties []Property
	UserAgent  string
	IP         string
}

// Stamp is what ingest adds to every item: whose it is, and the local day and
// person that it counts for.
type Stamp struct {
	Project    string
	Day        Day    // local day in the project's zone
	Person     uint64 // 0: nobody
	ReceivedAt Millis
}

// Row is an event ready to be stored.
type Row struct {
	Event
	Stamp
	Active bool // the type is not passive: it makes its person active
}

// Visit is what a page view's URL, referrer, user agent and address imply.
type Visit struct {
	Host        string
	Path        string
	Source      string // referrer host, known names folded ("google"); empty: direct or internal
	UTMSource   string
	UTMMedium   string
	UTMCampaign string
	UTMTerm     string
	UTMContent  string
	Device      string // desktop, mobile, tablet, bot, other
	Browser     string
	OS          string
	Country     string // ISO 3166-1 alpha-2, empty when unknown
	Bot         bool
}

// PageRow is a page view ready to be stored.
type PageRow struct {
	PageView
	Stamp
	Visit
}
