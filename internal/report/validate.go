package report

import (
	"fmt"
	"time"
)

// Limits bound a question. They keep an answer readable and its parameters
// small; the bounds on time and memory are the Runner's.
type Limits struct {
	MaxPeriods   int // periods of a series
	DefaultLimit int // rows of a ranking, unless asked otherwise
	MaxLimit     int // rows of a ranking at most
}

// DefaultLimits are 10,000 periods, and rankings of 10 rows, at most 1,000.
func DefaultLimits() Limits {
	return Limits{MaxPeriods: 10_000, DefaultLimit: 10, MaxLimit: 1000}
}

// Codes of a QuestionError.
const (
	CodeMissing     = "missing"
	CodeOutOfRange  = "out_of_range"
	CodeInvalid     = "invalid"
	CodeEmptyRange  = "empty_range"
	CodeTooMany     = "too_many_periods"
	CodeUnsupported = "unsupported_filter"
)

// QuestionError says what is wrong with a question. All of it is fit for
// clients.
type QuestionError struct {
	Code    string // one of the codes above, stable
	Field   string // name of the field as in the API
	Message string // sentence that names the field and the bound
}

func (e *QuestionError) Error() string { return e.Message }

func wrong(code, field, format string, args ...any) *QuestionError {
	return &QuestionError{Code: code, Field: field, Message: field + " " + fmt.Sprintf(format, args...)}
}

// Validate returns the first thing that is wrong with the question, as a
// *QuestionError, or nil. now settles the defaults, which are checked too.
func (q Question) Validate(now time.Time, limits Limits) error {
	for _, check := range []func() *QuestionError{
		q.checkProject,
		q.checkInterval,
		func() *QuestionError { return q.checkLimit(limits) },
		q.Filter.check,
		func() *QuestionError { return q.complete(now, limits.DefaultLimit).checkRange(limits) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (q Question) checkProject() *QuestionError {
	switch {
	case q.Project == "":
		return wrong(CodeMissing, "project", "is missing")
	case q.ProjectZone == nil:
		return wrong(CodeMissing, "project", "has no time zone")
	}
	return nil
}

func (q Question) checkInterval() *QuestionError {
	if q.Interval == "" {
		return nil
	}
	if _, err := ParseInterval(string(q.Interval)); err != nil {
		return wrong(CodeInvalid, "interval", "%s", err)
	}
	return nil
}

func (q Question) checkLimit(limits Limits) *QuestionError {
	if q.Limit < 0 || q.Limit > limits.MaxLimit {
		return wrong(CodeOutOfRange, "limit", "is %d; it has to be 1 to %d", q.Limit, limits.MaxLimit)
	}
	return nil
}

func (q Question) checkRange(limits Limits) *QuestionError {
	switch {
	case q.From.Before(firstDate) || lastDate.Before(q.From):
		return wrong(CodeOutOfRange, "from", "is %s; it has to be %s to %s", q.From, firstDate, lastDate)
	case q.To.Before(firstDate) || lastDate.Before(q.To):
		return wrong(CodeOutOfRange, "to", "is %s; it has to be %s to %s", q.To, firstDate, lastDate)
	case !q.From.Before(q.To):
		return wrong(CodeEmptyRange, "to", "(%s) has to be after from (%s): the range is half-open", q.To, q.From)
	}
	if n := q.Interval.count(q.From, q.To); n > int64(limits.MaxPeriods) {
		return wrong(CodeTooMany, "interval", "%s gives %d periods from %s to %s; the limit is %d: ask for a coarser interval or a shorter range",
			q.Interval, n, q.From, q.To, limits.MaxPeriods)
	}
	return nil
}
