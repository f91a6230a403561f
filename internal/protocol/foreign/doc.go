// Package foreign is what the protocols of other products' clients have in
// common: reading their JSON, and collecting what an item says until it is
// known whether it is an event or a page view of ours. It stands between the
// decoders in the packages beside it (segment, posthog and so on) and the sinks
// that package protocol declares.
//
// These clients send much that nobody here needs, so that unknown fields are
// passed over. What is taken is read as strictly as the native format: the body
// has to be JSON, text has to be UTF-8, nesting, lengths and numbers have the
// same limits. A repeated key is no error: the last one counts, as it does in
// the servers that the clients were written for.
package foreign
