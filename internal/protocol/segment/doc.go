// Package segment reads what Segment's and RudderStack's clients send: one call
// (track, page, screen, identify, group, alias) or a batch of them. It stands
// between their routes and ingest, as a pure function from bytes to a sink.
//
// docs/protocols.md has the table of fields. In short: page is a page view, the
// other calls are events; properties and traits are properties; context says
// who the visitor is and in what campaign.
package segment
