package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
	"ibarura/internal/erasure"
	"ibarura/internal/export"
	"ibarura/internal/ingest"
	"ibarura/internal/live"
	"ibarura/internal/loader"
	"ibarura/internal/mail"
	"ibarura/internal/protocol"
	"ibarura/internal/report"
)

// Problem is an answer that is not the one asked for, as RFC 9457 writes it
// (application/problem+json). Code is stable and meant for programs.
type Problem struct {
	Type       string         `json:"type"`
	Title      string         `json:"title"`
	Status     int            `json:"status"`
	Code       string         `json:"code"`
	Detail     string         `json:"detail,omitempty"`
	Field      string         `json:"field,omitempty"`
	Tier       string         `json:"tier,omitempty"`       // of rows that were removed for their age
	FirstDate  string         `json:"first_date,omitempty"` // from which on the question can be answered
	RequestID  string         `json:"request_id,omitempty"`
	Result     *ingest.Result `json:"result,omitempty"` // what was taken in before the problem
	RetryAfter int            `json:"-"`                // seconds, 0: no header
	HangUp     bool           `json:"-"`                // the rest of the body is not waited for
	cause      error
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// Unwrap returns the error that became this problem, for the log.
func (p *Problem) Unwrap() error { return p.cause }

// problemPage is where the type of a problem leads: its code on the page about
// the API, from the root of this server (RFC 9457, 3.1.1).
const problemPage = docsPath + "#problem-"

func problem(status int, code, format string, args ...any) *Problem {
	return &Problem{
		Type: problemPage + code, Title: http.StatusText(status),
		Status: status, Code: code, Detail: fmt.Sprintf(format, args...),
	}
}

func (p *Problem) because(err error) *Problem {
	p.cause = err
	return p
}

func (p *Problem) retryAfter(seconds int) *Problem {
	p.RetryAfter = seconds
	return p
}

func (p *Problem) hangUp() *Problem {
	p.HangUp = true
	return p
}

// beyondRetention tells from when on the same question can be answered, if it can.
func beyondRetention(removed *report.RetentionError) *Problem {
	p := problem(http.StatusUnprocessableEntity, "beyond_retention", "%s", removed)
	p.Field, p.Tier = "from", string(removed.Tier)
	if !removed.First.IsZero() {
		p.FirstDate = removed.First.String()
	}
	return p
}

// statusClientClosed is what the log shows for a client that went away; nobody
// receives it.
const statusClientClosed = 499

// problemOf is the one map from errors to answers.
func problemOf(err error) *Problem {
	var (
		known    *Problem
		body     *protocol.BodyError
		question *report.QuestionError
		limit    *clickhouse.LimitError
		removed  *report.RetentionError
		file     *export.LimitError
		filter   *live.FilterError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &body):
		return problem(http.StatusBadRequest, body.Code, "%s", body.Message)
	case errors.As(err, &question):
		p := problem(http.StatusBadRequest, question.Code, "%s", question.Message)
		p.Field = question.Field
		return p
	case errors.As(err, &removed):
		return beyondRetention(removed)
	case errors.As(err, &limit):
		return problem(http.StatusUnprocessableEntity, "limit_"+limit.Limit, "%s", limit.Message)
	case errors.Is(err, erasure.ErrInvalid):
		return problem(http.StatusBadRequest, "invalid", "it names nobody, or an id that is longer than any row's: give user or anonymous")
	case errors.Is(err, erasure.ErrTooManyOpen):
		return problem(http.StatusServiceUnavailable, "busy", "%s, the limit is %d; order it again later", erasure.ErrTooManyOpen, erasure.MaxOpen).retryAfter(60)
	case errors.As(err, &file):
		return problem(http.StatusUnprocessableEntity, "limit_format", "%s", file)
	case errors.Is(err, live.ErrOff):
		return problem(http.StatusNotFound, "live_off", "%s", err)
	case errors.As(err, &filter):
		return problem(http.StatusBadRequest, report.CodeUnsupported, "%s", filter.Message)
	case errors.Is(err, live.ErrFull), errors.Is(err, live.ErrFilters):
		return problem(http.StatusServiceUnavailable, "live_full", "%s; try again later", err).retryAfter(10)
	case errors.Is(err, live.ErrKeyFull):
		return problem(http.StatusTooManyRequests, "live_full", "%s; try again later", err).retryAfter(10)
	case errors.Is(err, live.EndStopping):
		return problem(http.StatusServiceUnavailable, "stopping", "the server is stopping; try again").retryAfter(5)
	case errors.Is(err, access.ErrUnauthorized):
		return problem(http.StatusUnauthorized, "unauthorized", "a valid API key is needed: send it as Authorization: Bearer KEY")
	case errors.Is(err, access.ErrForbidden):
		return problem(http.StatusForbidden, "forbidden", "this key has not the scope for it: write keys write, read keys read, admin keys do both")
	case errors.Is(err, access.ErrUnavailable):
		return problem(http.StatusServiceUnavailable, "keys_unavailable", "keys cannot be checked for the moment, try again").retryAfter(2).because(err)
	case errors.Is(err, access.ErrLinkInvalid):
		return problem(http.StatusUnauthorized, "link_invalid", "this link is not whole, or was not made by this server: copy it again")
	case errors.Is(err, access.ErrLinkExpired):
		return problem(http.StatusForbidden, "link_expired", "the time of this link is over: ask whoever gave it to you for another one")
	case errors.Is(err, access.ErrLinkRevoked):
		return problem(http.StatusForbidden, "link_revoked", "this link was revoked: ask whoever gave it to you for another one")
	case errors.Is(err, mail.ErrLink):
		return problem(http.StatusNotFound, "unknown_link", "%s", mail.ErrLink)
	case errors.Is(err, context.Canceled):
		return problem(statusClientClosed, "client_closed", "the client went away")
	case errors.Is(err, loader.ErrStopped):
		return problem(http.StatusServiceUnavailable, "stopping",
			"the server is stopping; the items are on disk and will be loaded after its next start: sending them again with the same ids counts nothing twice").retryAfter(5).because(err)
	case errors.Is(err, clickhouse.ErrBusy):
		return problem(http.StatusServiceUnavailable, "busy", "too many questions are asked at once, try again").retryAfter(2)
	case errors.Is(err, ingest.ErrOverloaded):
		return problem(http.StatusServiceUnavailable, "overloaded", "%s; send the same items again, with their ids", ingest.ErrOverloaded).retryAfter(2)
	case errors.Is(err, ingest.ErrNotDurable):
		return problem(http.StatusServiceUnavailable, "not_durable",
			"%s and are not counted; send the same items again, with their ids", ingest.ErrNotDurable).retryAfter(5).because(err)
	case errors.Is(err, ingest.ErrNotQueryable):
		return problem(http.StatusServiceUnavailable, "not_queryable_yet",
			"%s; they will be: sending them again with the same ids counts nothing twice", ingest.ErrNotQueryable).retryAfter(5).because(err)
	case clickhouse.Unreachable(err):
		return problem(http.StatusServiceUnavailable, "storage_unavailable", "the storage cannot be reached for the moment, try again").retryAfter(5).because(err)
	}
	return problem(http.StatusInternalServerError, "internal", "something went wrong here; the log has it under the request id").because(err)
}
