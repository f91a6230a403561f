package access

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"ibarura/internal/event"
)

// A project's zone may change from a date on. What was before keeps its days, so
// the project's zone is then one whose clocks followed the old zone up to that
// date and follow the new one from there: to everything that cuts days it is a
// zone like others, whose rules changed. It is written ZONE;OLD<DATE, with the
// latest change first, and that is its name, too.
const (
	zoneSeparator   = ";"
	beforeSeparator = "<"

	// MaxZoneChanges bounds the changes of a project's zone.
	MaxZoneChanges = 20
)

// zoneSpan is a zone, and the date from which on it is not in force any more; the
// last one has none.
type zoneSpan struct{ name, until string }

// parseZones reads a project's zone, the oldest first.
func parseZones(text string) ([]zoneSpan, error) {
	parts := strings.Split(text, zoneSeparator)
	if len(parts) > MaxZoneChanges+1 {
		return nil, invalid("the zone has changed %d times, the limit is %d", len(parts)-1, MaxZoneChanges)
	}
	spans := []zoneSpan{{name: parts[0]}}
	for _, part := range parts[1:] {
		name, until, _ := strings.Cut(part, beforeSeparator)
		if _, err := time.Parse(time.DateOnly, until); err != nil || len(spans) > 1 && until >= spans[len(spans)-1].until {
			return nil, invalid("time zone %q: %q is no date before the next change", text, until)
		}
		spans = append(spans, zoneSpan{name, until})
	}
	slices.Reverse(spans)
	return spans, nil
}

// LoadProjectZone returns the zone of a project, as it is stored.
func LoadProjectZone(text string) (*time.Location, error) {
	spans, err := parseZones(text)
	if err != nil {
		return nil, err
	}
	if len(spans) == 1 {
		return LoadZone(text)
	}
	zones := make([]*time.Location, len(spans))
	for i, span := range spans {
		if zones[i], err = LoadZone(span.name); err != nil {
			return nil, err
		}
	}
	var clock clockData
	start := int64(math.MinInt32) * 4 // before every rule
	for i, span := range spans {
		end := lastChange
		if span.until != "" {
			end = dayBegins(span.until, zones[i+1]).Unix()
		}
		clock.follow(zones[i], start, end)
		start = end
	}
	zone, err := time.LoadLocationFromTZData(text, clock.tzif())
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", text, err)
	}
	return zone, nil
}

// lastChange is 2150, behind the last day that can be stored.
var lastChange = time.Date(2150, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// dayBegins returns the first moment of a date.
func dayBegins(date string, zone *time.Location) time.Time {
	t, _ := time.ParseInLocation(time.DateOnly, date, zone) // it has been parsed
	return t
}

// ZoneName returns the IANA name of the zone that is in force last.
func ZoneName(zone *time.Location) string {
	name, _, _ := strings.Cut(zone.String(), zoneSeparator)
	return name
}

// ZoneNameOn returns the IANA name of the zone that is in force on a date,
// YYYY-MM-DD.
func ZoneNameOn(zone *time.Location, date string) string {
	spans, err := parseZones(zone.String())
	if err != nil {
		return zone.String()
	}
	for _, span := range spans {
		if span.until == "" || date < span.until {
			return span.name
		}
	}
	return ZoneName(zone)
}

// ZoneSpan is a zone of a project, and the date from which on it is not in force
// any more, in the next zone; the last one has none.
type ZoneSpan struct {
	Zone  string `json:"zone"`
	Until string `json:"until,omitempty"`
}

// ZoneSpans returns what a project's zone has been, the oldest first.
func ZoneSpans(zone *time.Location) []ZoneSpan {
	spans, err := parseZones(zone.String())
	if err != nil {
		return []ZoneSpan{{Zone: zone.String()}}
	}
	shown := make([]ZoneSpan, 0, len(spans))
	for _, span := range spans {
		shown = append(shown, ZoneSpan{span.name, span.until})
	}
	return shown
}

// clockData are the moments from which on a clock shows another offset.
type clockData struct {
	moments []int64
	kinds   []byte // of the list below
	types   []clockType
}

// clockType is what a clock shows: seconds east of UTC, and a name for it.
type clockType struct {
	offset int32
	summer bool
	name   string
}

// follow lets the clock show what a zone does from a moment up to another one, in
// Unix seconds.
func (c *clockData) follow(zone *time.Location, start, end int64) {
	for at := start; at < end; {
		t := time.Unix(at, 0).In(zone)
		name, offset := t.Zone()
		c.add(at, clockType{int32(offset), t.IsDST(), name})
		at = event.NextChange(zone, at)
	}
}

func (c *clockData) add(at int64, kind clockType) {
	i := slices.Index(c.types, kind)
	if i < 0 {
		i = len(c.types)
		c.types = append(c.types, kind)
	}
	c.moments, c.kinds = append(c.moments, at), append(c.kinds, byte(i))
}

// tzif writes the clock in the format of RFC 8536, version 2, without the part of
// version 1.
func (c *clockData) tzif() []byte {
	var names []byte
	var types []byte
	for _, kind := range c.types {
		types = binary.BigEndian.AppendUint32(types, uint32(kind.offset))
		summer := byte(0)
		if kind.summer {
			summer = 1
		}
		types = append(types, summer, byte(len(names)))
		names = append(append(names, kind.name...), 0)
	}
	data := tzifHeader(nil, 0, 1, 1)
	data = append(data, 0, 0, 0, 0, 0, 0, 0)
	data = tzifHeader(data, len(c.moments), len(c.types), len(names))
	for _, at := range c.moments {
		data = binary.BigEndian.AppendUint64(data, uint64(at))
	}
	data = append(append(append(data, c.kinds...), types...), names...)
	return append(data, "\n\n"...)
}

func tzifHeader(data []byte, moments, types, names int) []byte {
	data = append(append(data, "TZif2"...), make([]byte, 15)...)
	for _, n := range []int{0, 0, 0, moments, types, names} { // of UTC and standard indicators, and leap seconds, there are none
		data = binary.BigEndian.AppendUint32(data, uint32(n))
	}
	return data
}
