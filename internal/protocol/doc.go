// Package protocol turns bytes into events and page views: the native JSON
// object or array, a stream of JSON lines, and access logs in the common and
// combined formats. It stands between the HTTP routes (or an imported file)
// and ingest, to which it hands each item through a sink of two methods.
//
// It rejects what can only be seen in the bytes: broken JSON, unknown and
// repeated fields, wrong types, numbers out of range, nesting, broken UTF-8.
// What an item may say is judged by event.Event.Validate and
// event.PageView.Validate, which the sink's owner calls.
package protocol
