// Package posthog reads what PostHog's clients send to its first capture routes:
// one event, an array of them, or a batch. It stands between those routes and
// ingest, as a pure function from bytes to a sink.
//
// docs/protocols.md has the table of fields. In short: $pageview is a page view,
// $identify, $create_alias and $groupidentify are our identify, alias and group,
// anything else is an event of its own name. Of the many properties that the
// clients add by themselves, those that are known to say nothing here are left out.
package posthog
