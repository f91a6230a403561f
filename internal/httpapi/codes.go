package httpapi

import (
	"net/http"

	"ibarura/internal/event"
	"ibarura/internal/openapi"
	"ibarura/internal/report"
)

// problems are the codes that a Problem can have, with what they mean and what
// to do. docs/errors.md and the page /docs are made from them, and a test holds
// them against the source.
var problems = []openapi.Problem{
	{Code: "unauthorized", Status: http.StatusUnauthorized,
		Means: "There is no key, or none that is known and not revoked.",
		Do:    "Send a valid key as `Authorization: Bearer KEY`."},
	{Code: "forbidden", Status: http.StatusForbidden,
		Means: "The key has not the scope that this needs: write keys write, read keys read, admin keys do both.",
		Do:    "Use a key of the right scope; `ibarura keys list` shows them."},
	{Code: "origin_not_allowed", Status: http.StatusForbidden,
		Means: "A page of another origin posts with the key of a project that does not list that origin.",
		Do:    "Allow it: `ibarura keys project origins PROJECT --add ORIGIN`."},
	{Code: "cross_site", Status: http.StatusForbidden,
		Means: "A session was used by a page of another origin, or to change something without the header `X-Ibarura-Request`.",
		Do:    "Present a key; pages of this server send the header."},
	{Code: "invalid_sign_in", Status: http.StatusBadRequest,
		Means: "The body is no sign-in.",
		Do:    "Send `{\"key\": \"…\"}`."},
	{Code: "unknown_link", Status: http.StatusNotFound,
		Means: "The link is none that a report has, or its recipient is no more.",
		Do:    "Use the link of the latest report."},
	{Code: "own_key", Status: http.StatusConflict,
		Means: "The key to revoke is the one that the request came with.",
		Do:    "Add `own=true`, if it is meant."},
	{Code: "too_many_keys", Status: http.StatusConflict,
		Means: "1,000 keys of the project are good, which is the limit over HTTP.",
		Do:    "Revoke some."},
	{Code: "not_found", Status: http.StatusNotFound,
		Means: "There is nothing at this path.",
		Do:    "Look at the path; a slash at its end makes no difference."},
	{Code: "method_not_allowed", Status: http.StatusMethodNotAllowed,
		Means: "The path does not take this method.",
		Do:    "The header `Allow` names those that it takes."},

	{Code: "body_timeout", Status: http.StatusRequestTimeout,
		Means: "Nothing came of the body for `http.body-timeout`.",
		Do:    "Send again; a stream may send blank lines to stay awake."},
	{Code: "body_too_slow", Status: http.StatusRequestTimeout,
		Means: "The body came more slowly than `http.min-body-rate`.",
		Do:    "Send again, less at once, or as a stream, which may be slow."},
	{Code: "body_incomplete", Status: http.StatusBadRequest,
		Means: "The connection broke before the body ended.",
		Do:    "Send again, with the same ids: nothing counts twice."},
	{Code: "body_too_large", Status: http.StatusRequestEntityTooLarge,
		Means: "The decompressed body is larger than the limit that `detail` names.",
		Do:    "Send less at once, or NDJSON, which has no limit on the whole."},
	{Code: "unsupported_encoding", Status: http.StatusUnsupportedMediaType,
		Means: "`Content-Encoding` names what is not known here.",
		Do:    "Use gzip, zstd, deflate or br, or none."},
	{Code: "invalid_encoding", Status: http.StatusBadRequest,
		Means: "The body is not what `Content-Encoding` says.",
		Do:    "Look at how the client compresses."},
	{Code: "unsupported_media_type", Status: http.StatusUnsupportedMediaType,
		Means: "`Content-Type` is none that this path reads.",
		Do:    "`detail` names those that it reads."},

	{Code: "unknown_parameter", Status: http.StatusBadRequest,
		Means: "There is no parameter of that name.",
		Do:    "`field` names it, `detail` lists those that there are."},
	{Code: "invalid_parameter", Status: http.StatusBadRequest,
		Means: "A parameter has a value that it cannot have, or is given twice.",
		Do:    "`field` names it, `detail` says what it may be."},
	{Code: "invalid_query", Status: http.StatusBadRequest,
		Means: "The body is no query: not JSON, or with a member that no query has.",
		Do:    "`field` is the place in the body; `GET /api/v1/analytics/query` lists what a query can name."},
	{Code: report.CodeMissing, Status: http.StatusBadRequest,
		Means: "A parameter that the question needs is not there.",
		Do:    "`field` names it."},
	{Code: report.CodeInvalid, Status: http.StatusBadRequest,
		Means: "A value is none of those that it can be.",
		Do:    "`field` names it, `detail` says what it may be."},
	{Code: report.CodeOutOfRange, Status: http.StatusBadRequest,
		Means: "A value is beyond its bounds.",
		Do:    "`field` names it, `detail` the bounds."},
	{Code: report.CodeEmptyRange, Status: http.StatusBadRequest,
		Means: "`to` is not after `from`: the range is half-open and has no day.",
		Do:    "Ask for at least one day: `to` is the first day that is out."},
	{Code: report.CodeTooMany, Status: http.StatusBadRequest,
		Means: "The interval cuts the range into more periods than `query.max-periods`.",
		Do:    "Ask for a coarser interval or a shorter range."},
	{Code: report.CodeUnsupported, Status: http.StatusBadRequest,
		Means: "The filter, or the cursor, does not fit the answer that is asked for.",
		Do:    "Leave it out; each path lists the filters that it takes."},
	{Code: "beyond_retention", Status: http.StatusUnprocessableEntity,
		Means: "Rows that the range needs were removed for their age; `tier` says which.",
		Do:    "Ask from `first_date` on, where it is there."},
	{Code: "limit_format", Status: http.StatusUnprocessableEntity,
		Means: "The answer does not fit into the format: a sheet has 1,048,576 rows.",
		Do:    "Ask for CSV, NDJSON or Parquet, or for fewer rows."},
	{Code: "limit_scan", Status: http.StatusUnprocessableEntity,
		Means: "The question would read more rows than are allowed.",
		Do:    "Ask for a shorter range."},
	{Code: "limit_timeout", Status: http.StatusUnprocessableEntity,
		Means: "The question took longer than `query.timeout`.",
		Do:    "Ask for a shorter range or fewer rows, or allow a `max_age`."},
	{Code: "limit_memory", Status: http.StatusUnprocessableEntity,
		Means: "The question needed more memory than `query.max-memory`.",
		Do:    "Ask for a shorter range, a coarser interval or fewer dimensions."},
	{Code: "limit_rows", Status: http.StatusUnprocessableEntity,
		Means: "The question would read or return more rows than are allowed.",
		Do:    "Ask for a shorter range, a coarser interval or fewer rows."},

	{Code: "rate_limited", Status: http.StatusTooManyRequests,
		Means: "The key is over its requests or items a second. On PostHog's routes it is said with status 503, since its clients throw away after 429.",
		Do:    "Wait for `Retry-After` seconds, then send the same items again, with their ids."},
	{Code: "overloaded", Status: http.StatusServiceUnavailable,
		Means: "There is no room for more: the storage has been away for long, the disk is short, or too much is under way.",
		Do:    "Wait for `Retry-After` seconds, then send the same items again, with their ids."},
	{Code: "not_durable", Status: http.StatusServiceUnavailable,
		Means: "The disk failed: the items could not be written down and are not counted.",
		Do:    "Send the same items again, with their ids."},
	{Code: "not_queryable_yet", Status: http.StatusServiceUnavailable,
		Means: "With `wait=true`: the items are on the disk but cannot be queried within `ingest.wait-timeout`.",
		Do:    "Nothing: they will be. Sending them again with the same ids counts nothing twice."},
	{Code: "stopping", Status: http.StatusServiceUnavailable,
		Means: "The server is stopping. Items that it had taken in are on the disk and are loaded after its next start.",
		Do:    "Wait for `Retry-After` seconds and repeat: the same ids count nothing twice."},
	{Code: "busy", Status: http.StatusServiceUnavailable,
		Means: "Too much is asked at once.",
		Do:    "Wait for `Retry-After` seconds and ask again."},
	{Code: "keys_unavailable", Status: http.StatusServiceUnavailable,
		Means: "Keys cannot be checked for the moment.",
		Do:    "Wait for `Retry-After` seconds and repeat."},
	{Code: "storage_unavailable", Status: http.StatusServiceUnavailable,
		Means: "The storage cannot be reached for the moment.",
		Do:    "Wait for `Retry-After` seconds and repeat."},
	{Code: "live_full", Status: http.StatusServiceUnavailable,
		Means: "As many readers, or filters, of the live view are there as may be; with status 429 it is the key that has as many.",
		Do:    "Wait for `Retry-After` seconds and repeat."},
	{Code: "live_off", Status: http.StatusNotFound,
		Means: "The live view is switched off.",
		Do:    "`live.max-readers` switches it on."},
	{Code: "upgrade_required", Status: http.StatusUpgradeRequired,
		Means: "The path is a WebSocket.",
		Do:    "Use a WebSocket client, or `live/events`, which are server-sent events."},
	{Code: "not_ready", Status: http.StatusServiceUnavailable,
		Means: "The server starts, stops, or lacks what `detail` names.",
		Do:    "Send no requests here until it is ready."},
	{Code: "internal", Status: http.StatusInternalServerError,
		Means: "Something went wrong here.",
		Do:    "Repeat, with the same ids; the log has the cause under `request_id`."},
	{Code: "client_closed", Status: statusClientClosed,
		Means: "The client went away before its answer; only the log shows it.",
		Do:    "Nothing."},
}

// itemProblems are the codes of single items. They stand in the answer's
// rejected, or are the problem of a body as a whole.
var itemProblems = []openapi.Problem{
	{Code: event.CodeInvalidJSON, Means: "It is not JSON.", Do: "Look at how the producer writes it; `detail` names the byte."},
	{Code: event.CodeInvalidProtobuf, Means: "It is a log record that cannot be read.", Do: "Look at how the exporter writes it."},
	{Code: event.CodeNotAnObject, Means: "It is JSON, but not an object.", Do: "Send an object, an array of objects, or one object a line."},
	{Code: event.CodeUnknownField, Means: "It has a field that no item has.", Do: "Put data of your own into `properties`."},
	{Code: event.CodeDuplicateKey, Means: "It has a key twice.", Do: "Send each key once."},
	{Code: event.CodeMissingField, Means: "It lacks a field that it needs, such as `type` or `url`.", Do: "`field` names it."},
	{Code: event.CodeWrongType, Means: "It has a value of a type that the field cannot hold.", Do: "`message` names the type that it can."},
	{Code: event.CodeTooLong, Means: "It has a text over its limit.", Do: "`message` names the limit, in bytes of UTF-8."},
	{Code: event.CodeTooMany, Means: "It has too many tags or properties.", Do: "`message` names the limit."},
	{Code: event.CodeEmpty, Means: "It has an empty tag or property key.", Do: "Leave it out."},
	{Code: event.CodeInvalidUTF8, Means: "It has bytes that are not UTF-8.", Do: "Send text as UTF-8."},
	{Code: event.CodeNULByte, Means: "It contains U+0000.", Do: "Leave the character out."},
	{Code: event.CodeNumberOutOfRange, Means: "It has a number that the field cannot hold.", Do: "`message` names the bounds."},
	{Code: event.CodeTooDeep, Means: "It is nested too deep.", Do: "Flatten it: nested properties become JSON text anyway."},
	{Code: event.CodeTypeInvalid, Means: "Its `type` has a character that types do not have.", Do: "Use letters, digits, inner spaces and `_ . : - / $`."},
	{Code: event.CodeURLInvalid, Means: "Its `url` is neither an http(s) address nor a path.", Do: "Send an absolute address, or a path that begins with `/`."},
	{Code: event.CodeTimeInvalid, Means: "Its `occurred_at` is no time.", Do: "Send RFC 3339, or milliseconds since 1970."},
	{Code: event.CodeTimeTooEarly, Means: "It happened before 1970-01-02.", Do: "Look at the producer's clock and unit."},
	{Code: event.CodeTimeTooFarAhead, Means: "It happened too far in the future.", Do: "Look at the producer's clock and unit."},
	{Code: event.CodeItemTooLarge, Means: "It is too large as a whole.", Do: "Send less in `properties`."},
	{Code: event.CodePersonBlocked, Means: "It is of a person who was erased and of whom nothing is to be stored.", Do: "Nothing: this is what was ordered."},
}

func itemCodes() []string {
	codes := make([]string, len(itemProblems))
	for i, p := range itemProblems {
		codes[i] = p.Code
	}
	return codes
}

// statusOf returns the status with which a code is answered.
func statusOf(code string) int {
	for _, p := range problems {
		if p.Code == code {
			return p.Status
		}
	}
	return http.StatusBadRequest // of an item, which is the body's problem as a whole
}
