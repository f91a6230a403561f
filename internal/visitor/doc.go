// Package visitor tells people apart who do not say who they are: pages in
// browsers that the tracker, which stores nothing there, posts for. It stands
// beside ingest on the way from POST to chart, and gives an item of nobody a
// visitor id before its person is computed.
//
// The id is a keyed hash of the project, the address and the browser, whose key
// is a salt of the project's local day. The salt is random, kept where all
// processes see it, and thrown away when its day is over: from then on nobody
// can compute the hash again, not even from a list of all addresses, and the
// ids of two days have nothing in common. Neither address nor browser is
// stored.
package visitor
