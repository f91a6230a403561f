// Package faulttest proves by fault that what is acknowledged is counted once.
// It stands around the whole way from POST to chart: producers post through the
// front door and repeat what was not answered, while processes are killed,
// connections cut and disks fail; then every acknowledged id is looked for in
// the raw tables, and every aggregate is held against raw.
//
// A round is a function of its seed: what is sent, how the service is set up,
// which faults come in which order and after which pauses. Only the operating
// system's own timing is not repeated. docs/proof.md says what the rounds show
// and how one is replayed.
package faulttest
