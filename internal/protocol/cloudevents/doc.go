// Package cloudevents reads CloudEvents 1.0 as HTTP carries them: one as a JSON
// object (structured), several as an array (batch), or one whose attributes are
// headers and whose data is the body (binary). It stands between the routes that
// take them and ingest, as a pure function from bytes to a sink.
//
// docs/protocols.md has the table of fields. In short: type is the type, id and
// source together are the id, subject is the object, and the members of data
// that are named like our fields are those fields.
package cloudevents
