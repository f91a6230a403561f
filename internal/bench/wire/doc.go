// Package wire sends prepared HTTP requests as cheaply as it can be done: bytes
// that were made before, over kept-alive connections, read back by a reader
// that looks at the status and little else. So a benchmark measures the server
// and not its own client. It stands beside the way from POST to chart.
package wire
