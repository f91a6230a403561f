// Package check parses the files that only Docker reads, with Docker's own
// parsers, and checks what can be known of them without Docker. It is a module
// of its own, so that the product's go.mod does not carry those parsers.
package check
