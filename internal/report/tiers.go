package report

// Tier is a kind of rows that a project keeps for so long: raw ones the
// shortest, counts the longest. See package retention.
type Tier string

// The tiers.
const (
	TierRaw      Tier = "raw"
	TierPeople   Tier = "people"
	TierCounters Tier = "counters"

	keptForEver Tier = ""
)

// tierOf says to which tier a table belongs. First sights stay for ever, so who
// is new can always be told. Derived tables are made of persons' days.
var tierOf = map[string]Tier{
	"events": TierRaw, "page_views": TierRaw,
	"user_day": TierPeople, "user_month": TierPeople, "object_person": TierPeople, "tag_person": TierPeople, "sessions": TierPeople,
	"gap_day": TierPeople, "retention_cells": TierPeople,
	"counters_15m": TierCounters, "metrics_daily": TierCounters, "metrics_weekly": TierCounters, "metrics_monthly": TierCounters,
	"content_day": TierCounters, "tag_day": TierCounters,
	"persons": keptForEver, "identities": keptForEver,
}

// TierOf returns the tier of a table that questions read; empty: it is kept for
// ever. A table that is not known is taken for one that is kept the shortest.
func TierOf(table string) Tier {
	tier, known := tierOf[table]
	if !known {
		return TierRaw
	}
	return tier
}

// borders are the first stored days of which each tier has all rows; the zero
// value: nothing was ever removed.
type borders struct{ Raw, People, Counters Date }

// of returns the border of a table.
func (b borders) of(table string) Date {
	switch TierOf(table) {
	case TierRaw:
		return b.Raw
	case TierPeople:
		return b.People
	case TierCounters:
		return b.Counters
	case keptForEver:
	}
	return Date{}
}

// removed reports whether rows of a table are gone that a reader of its days
// from one on needs.
func (b borders) removed(table string, from Date) bool {
	border := b.of(table)
	return !border.IsZero() && from.Before(border)
}

// firstNeeded says from which stored day on a query needs the rows of a table,
// and false if it needs none. Those that are not here need the days of the range.
var firstNeeded = map[string]func(s scope, table string) (Date, bool){
	"posts_top_days":             scope.stitchedFrom,
	"posts_content_days":         scope.stitchedFrom,
	"posts_totals_days":          scope.stitchedFrom,
	"sessions_stored":            scope.eveOf,
	"sessions_raw":               scope.eveOf,
	"edges_stored":               scope.eveOf,
	"edges_raw":                  scope.eveOf,
	"paths":                      scope.eveOf,
	"retention_of_type_user_day": scope.everyEvent,
	"retention_of_type_raw":      scope.everyEvent,
}

// stitchedFrom: raw rows are read where the range cuts a month, persons where it
// holds one.
func (s scope) stitchedFrom(table string) (Date, bool) {
	first, end := s.innerMonths()
	switch TierOf(table) {
	case TierRaw:
		if s.calendar.from != first {
			return s.calendar.from, true
		}
		return end, end != s.calendar.to
	case TierPeople:
		return first, first != end
	case TierCounters, keptForEver:
	}
	return s.calendar.from, true
}

// eveOf: a session may have begun the day before.
func (s scope) eveOf(string) (Date, bool) { return s.eve(), true }

// everyEvent: who did something for the first time has never done it before.
func (s scope) everyEvent(table string) (Date, bool) {
	if TierOf(table) == TierRaw {
		return firstDate, true
	}
	from, _ := s.storedDays()
	return from, true
}

// lacks returns the tier that has lost rows which the source needs, and its
// border: the latest one if there are several. It is false if all are there.
func (f source) lacks(s scope) (tier Tier, border Date, gone bool) {
	for _, table := range f.tables {
		from, needed := f.needs(s, table)
		if !needed || !s.borders.removed(table, from) {
			continue
		}
		if b := s.borders.of(table); !gone || border.Before(b) {
			tier, border, gone = TierOf(table), b, true
		}
	}
	return tier, border, gone
}

func (f source) needs(s scope, table string) (Date, bool) {
	if first, special := firstNeeded[f.query]; special {
		return first(s, table)
	}
	from, _ := s.storedDays()
	return from, true
}
