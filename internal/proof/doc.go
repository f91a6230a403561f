// Package proof holds every aggregate against the raw rows: for each table that
// views fill, what it says and what raw says that it has to be, row by row. It
// stands beside the way from POST to chart, at its end: when a proof is whole,
// every number that a report reads from an aggregate is the one that raw gives.
//
// Raw is asked by other functions than those of the schema, so that a mistake
// in a view is not repeated in its proof.
package proof
