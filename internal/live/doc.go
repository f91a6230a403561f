// Package live shows what is taken in while it is taken in: who is there, how
// much comes a second, and the latest rows. It branches off the way from POST to
// chart right behind the spool: ingest offers each block whose rows have become
// durable, a hub counts it, and readers get messages over SSE or WebSocket.
//
// Nothing here may slow ingest down. An offer never waits: beyond the bounds of
// the hub's queue it is dropped and counted. A reader that does not keep up is
// dropped too. A message is written as JSON once for each project and filter, and
// shared by all its readers.
package live
