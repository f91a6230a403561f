// Package plausible reads what Plausible's script sends: one page view or event
// a request. It stands between POST /api/event and ingest, as a pure function
// from bytes to a sink.
//
// docs/protocols.md has the table of fields. In short: pageview is a page view,
// any other name an event, whose props are properties. The script names nobody.
package plausible
