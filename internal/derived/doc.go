// Package derived makes the derived tables: answers that are computed ahead, from
// the aggregates, about every minute where something has landed. On the way from
// POST to chart it stands beside the aggregates: gap_day answers how many persons
// were active in any range of days, retention_cells who came back.
//
// A run writes rows of its own and comes into force with one row of derived_runs,
// which also says what it has seen (internal/freshness). Readers see one run or
// the next, never a mixture, and runs of several processes do not get into each
// other's way: the one that began to read last is in force.
package derived
