// Package repair holds every aggregate against the raw rows while rows are
// loaded, and makes those anew that do not say the same. It stands beside the
// way from POST to chart, at its end: it stops all loaders for moments
// through a fence.Claim, works on snapshots, and leaves the rest to
// proof, which knows what is right, and to clickhouse.Rebuilder.
//
// Work is done in portions, a month at a time where tables are cut by months,
// each under a claim of its own: others who repair come to their turn between
// two of them, and what an interrupted one leaves is cleared away by the next.
package repair
