// Package access says who may do what: projects, their keys, and what a key's
// scope allows. It stands at both doors of the way from POST to chart: every
// request, writing or reading, is first made a Principal, whose project is the
// only one that it will touch.
//
// Projects and keys live in ClickHouse, so that all processes see the same
// ones: Store reads and changes them, Bootstrap makes the first ones. A request
// is not worth a query, so that Directory keeps a copy, at most a second old.
// How a revocation is in force everywhere after that second is said there.
package access
