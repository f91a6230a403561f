// Package fetch brings an export of raw rows into a file: it asks a running
// server part by part, holds each part against its manifest, goes on after an
// interruption where the last whole part ended, and gives the file its name when
// it is complete. It is the other end of the way from POST to chart, where rows
// leave it as they are.
package fetch
