package report

import "strings"

// Dimension is what a query can break its numbers down by, and filter them by.
type Dimension struct {
	Key      string `json:"key"`
	Title    string `json:"title"`
	Sentence string `json:"sentence"`
	// Filters: conditions can name it.
	Filters bool `json:"filters"`

	// clock lays out the time that a dimension of time numbers; nil: it is a
	// column.
	clock *clock
}

func (d Dimension) time() bool { return d.clock != nil }

// clock numbers the periods of a calendar.
type clock struct {
	interval Interval // of the calendar; empty: the question's
	// number of a period, and its text.
	number func(c *calendar, period int) int32
	label  func(c *calendar, number int32) string
}

var weekdays = []string{"", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// dimensions is the registry, in the order of the documentation.
var dimensions = []Dimension{
	{Key: "period", Title: "Period", Sentence: "Calendar period of the question's interval, labelled by its first local moment.",
		clock: &clock{
			number: func(_ *calendar, period int) int32 { return int32(period) },
			label:  func(c *calendar, number int32) string { return c.periods[number].label },
		}},
	{Key: "weekday", Title: "Weekday", Sentence: "Day of the week by the asked time zone, monday to sunday.",
		clock: &clock{interval: Day,
			number: func(c *calendar, period int) int32 { return int32((c.periods[period].first.weekday()+6)%7) + 1 },
			label:  func(_ *calendar, number int32) string { return weekdays[number] },
		}},
	{Key: "hour_of_day", Title: "Hour of day", Sentence: "What the clock showed in the asked time zone, 00 to 23.",
		clock: &clock{interval: Hour,
			number: func(c *calendar, period int) int32 { return hourOf(c.periods[period].label) },
			label: func(_ *calendar, number int32) string {
				return string([]byte{'0' + byte(number/10), '0' + byte(number%10)})
			},
		}},
	{Key: "type", Title: "Event type", Sentence: "Type of the event.", Filters: true},
	{Key: "role", Title: "Role", Sentence: "Role that the person had when it happened.", Filters: true},
	{Key: "object_type", Title: "Object type", Sentence: "Kind of the object acted on, or that the page shows.", Filters: true},
	{Key: "object_id", Title: "Object", Sentence: "Object acted on, or that the page shows; what has none is left out.", Filters: true},
	{Key: "tag", Title: "Tag", Sentence: "Each distinct tag of the event; an event without tags is left out.", Filters: true},
	{Key: "user_id", Title: "User", Sentence: "User id; empty where none is known.", Filters: true},
	{Key: "property", Title: "Property", Sentence: "property.NAME is the property of that name, as text; empty where there is none.", Filters: true},
	{Key: "path", Title: "Path", Sentence: "Path of the page.", Filters: true},
	{Key: "host", Title: "Host", Sentence: "Host of the page's address.", Filters: true},
	{Key: "source", Title: "Source", Sentence: "Referring site; empty if direct or internal.", Filters: true},
	{Key: "utm_source", Title: "UTM source", Sentence: "utm_source of the page's address.", Filters: true},
	{Key: "utm_medium", Title: "UTM medium", Sentence: "utm_medium of the page's address.", Filters: true},
	{Key: "utm_campaign", Title: "UTM campaign", Sentence: "utm_campaign of the page's address.", Filters: true},
	{Key: "utm_term", Title: "UTM term", Sentence: "utm_term of the page's address.", Filters: true},
	{Key: "utm_content", Title: "UTM content", Sentence: "utm_content of the page's address.", Filters: true},
	{Key: "device", Title: "Device", Sentence: "desktop, mobile, tablet, bot or other.", Filters: true},
	{Key: "browser", Title: "Browser", Sentence: "Browser family.", Filters: true},
	{Key: "os", Title: "Operating system", Sentence: "Operating system family.", Filters: true},
	{Key: "country", Title: "Country", Sentence: "ISO 3166-1 alpha-2; empty if not known.", Filters: true},
	{Key: "bot", Title: "Robot", Sentence: "true for a robot by its user agent, else false.", Filters: true},
}

// hourOf reads the hour of an hour's label, 2026-03-01T14:00:00+02:00.
func hourOf(label string) int32 { return int32(label[11]-'0')*10 + int32(label[12]-'0') }

// Dimensions returns every dimension that a query can name.
func Dimensions() []Dimension { return append([]Dimension(nil), dimensions...) }

// dimensionKey names a dimension: its key, and of properties the name.
type dimensionKey struct{ kind, property string }

func (d dimensionKey) String() string {
	if d.property != "" {
		return d.kind + "." + d.property
	}
	return d.kind
}

// dimensionOf reads the name of a dimension, and returns its entry.
func dimensionOf(name string) (dimensionKey, Dimension, bool) {
	key := dimensionKey{kind: name}
	if property, is := strings.CutPrefix(name, "property."); is && property != "" {
		key = dimensionKey{"property", property}
	} else if name == "property" {
		return key, Dimension{}, false
	}
	for _, d := range dimensions {
		if d.Key == key.kind {
			return key, d, true
		}
	}
	return key, Dimension{}, false
}

func dimensionNames(list []Dimension) string {
	names := make([]string, len(list))
	for i, d := range list {
		if names[i] = d.Key; d.Key == "property" {
			names[i] = "property.NAME"
		}
	}
	return strings.Join(names, ", ")
}
