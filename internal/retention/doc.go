// Package retention removes rows for their age, project by project, in tiers:
// raw first, then what is kept by person, then counts. It stands beside the way
// from POST to chart, behind the tables: what is left answers what it can, and
// says from which day on.
//
// Rows go by whole months, and what is left is written down before the first
// row goes: who asks, verifies or rebuilds is told by it, and never takes the
// absence of a row for a count of zero. A table's TTL could not do that: it
// knows neither projects nor their order to keep.
package retention
