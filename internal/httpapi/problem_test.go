package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
	"ibarura/internal/event"
	"ibarura/internal/ingest"
	"ibarura/internal/loader"
	"ibarura/internal/protocol"
	"ibarura/internal/report"
)

// secret stands in the causes of all errors, and may be in no answer.
const secret = "10.1.2.3 refused u4711"

func TestEachErrorBecomesItsProblemAndItsCauseStaysInside(t *testing.T) {
	overdue, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	for _, c := range []struct {
		name       string
		err        error
		status     int
		code       string
		field      string
		retryAfter string
	}{
		{"time limit", &clickhouse.LimitError{Limit: "timeout"}, 422, "limit_timeout", "", ""},
		{"memory limit", &clickhouse.LimitError{Limit: "memory"}, 422, "limit_memory", "", ""},
		{"rows that were removed", &report.RetentionError{Tier: report.TierRaw}, 422, "beyond_retention", "from", ""},
		{"row limit", &clickhouse.LimitError{Limit: "rows"}, 422, "limit_rows", "", ""},
		{"no good key", access.ErrUnauthorized, 401, "unauthorized", "", ""},
		{"key of another scope", access.ErrForbidden, 403, "forbidden", "", ""},
		{"keys out of reach", fmt.Errorf("%w: %w", access.ErrUnavailable, refusedDial(t)), 503, "keys_unavailable", "", "2"},
		{"no room", ingest.ErrOverloaded, 503, "overloaded", "", "2"},
		{"not queryable in time", errors.Join(ingest.ErrNotQueryable, overdue.Err()), 503, "not_queryable_yet", "", "5"},
		{"lost at the stop", errors.Join(ingest.ErrNotQueryable, loader.ErrStopped), 503, "stopping", "", "5"},
		{"client gone while it waits", errors.Join(ingest.ErrNotQueryable, context.Canceled), 499, "client_closed", "", ""},
		{"no slot in time", errors.Join(clickhouse.ErrBusy, overdue.Err()), 503, "busy", "", "2"},
		{"refused dial", refusedDial(t), 503, "storage_unavailable", "", "5"},
		{"silent storage", silentStorage(t), 503, "storage_unavailable", "", "5"},
		{"slow body", readBody(os.ErrDeadlineExceeded), 408, "body_timeout", "", ""},
		{"cut body", readBody(io.ErrUnexpectedEOF), 400, "body_incomplete", "", ""},
		{"client gone", context.Canceled, 499, "client_closed", "", ""},
		{"bad question", &report.QuestionError{Code: "out_of_range", Field: "interval", Message: "interval is none"}, 400, "out_of_range", "interval", ""},
		{"bad body", &protocol.BodyError{Code: event.CodeInvalidJSON, Offset: 7, Message: "no JSON at byte 7"}, 400, event.CodeInvalidJSON, "", ""},
		{"problem", problem(http.StatusNotFound, "not_found", "nothing is here"), 404, "not_found", "", ""},
		{"deadline of the keys", fmt.Errorf("%w: %w", access.ErrUnavailable, overdue.Err()), 503, "keys_unavailable", "", "2"},
		{"unknown", errors.New("a bug"), 500, "internal", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, body := answerTo(t, fmt.Errorf(secret+": %w", c.err))
			want := Problem{Type: problemPage + c.code, Title: http.StatusText(c.status), Status: c.status,
				Code: c.code, Detail: body.Detail, Field: c.field, RequestID: "r1"}
			if diff := cmp.Diff(want, body, cmp.AllowUnexported(Problem{}), cmpopts.IgnoreFields(Problem{}, "Tier", "FirstDate")); diff != "" {
				t.Errorf("the problem (-want +got):\n%s", diff)
			}
			if answer.Code != c.status {
				t.Errorf("status %d, want %d", answer.Code, c.status)
			}
			if got := answer.Header().Get("Retry-After"); got != c.retryAfter {
				t.Errorf("Retry-After %q, want %q", got, c.retryAfter)
			}
			if got := answer.Header().Get("WWW-Authenticate"); (got != "") != (c.status == http.StatusUnauthorized) {
				t.Errorf("WWW-Authenticate %q with status %d", got, c.status)
			}
		})
	}
}

func TestARefusalForItsAgeSaysFromWhenOnThereIsAnAnswer(t *testing.T) {
	for first, want := range map[report.Date]string{{}: "", {Year: 2026, Month: 6, Day: 2}: "2026-06-02"} {
		_, body := answerTo(t, fmt.Errorf("report active_users: %w", &report.RetentionError{Tier: report.TierPeople, First: first}))
		if body.Tier != "people" || body.FirstDate != want || strings.Contains(body.Detail, "active_users") {
			t.Errorf("%+v, want the first date %q", body, want)
		}
	}
}

func TestWhatTheClientIsToldComesFromTheErrorThatIsMeantForIt(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&clickhouse.LimitError{Limit: "rows", Message: "100% of 1000 rows"}, "100% of 1000 rows"},
		{&report.QuestionError{Code: "out_of_range", Field: "limit", Message: "limit is above 100%d"}, "limit is above 100%d"},
		{&protocol.BodyError{Code: event.CodeTooDeep, Message: "too deep at %s"}, "too deep at %s"},
		{errors.New("a bug"), "something went wrong here; the log has it under the request id"},
	} {
		if _, body := answerTo(t, c.err); body.Detail != c.want {
			t.Errorf("detail %q, want %q", body.Detail, c.want)
		}
	}
}

func TestOnlyTheLogHasTheCauseOfAFailure(t *testing.T) {
	for _, c := range []struct {
		err   error
		level string // "": not logged
	}{
		{errors.New(secret), "error"},
		{fmt.Errorf(secret+": %w", refusedDial(t)), "warn"},
		{fmt.Errorf(secret+": %w", access.ErrForbidden), ""},
		{fmt.Errorf(secret+": %w", context.Canceled), ""},
	} {
		core, logs := observer.New(zap.DebugLevel)
		answer(t, zap.New(core), c.err)
		if c.level == "" {
			if logs.Len() != 0 {
				t.Errorf("%v is logged: %v", c.err, logs.All())
			}
			continue
		}
		if logs.Len() != 1 {
			t.Errorf("%v is logged %d times", c.err, logs.Len())
			continue
		}
		entry := logs.All()[0]
		cause, _ := entry.ContextMap()["cause"].(string)
		if entry.Level.String() != c.level || !strings.Contains(cause, secret) || entry.ContextMap()["request_id"] != "r1" {
			t.Errorf("%v is logged as %s %v", c.err, entry.Level, entry.ContextMap())
		}
	}
}

// answerTo returns what a client receives when a handler fails, and fails the
// test if the text of the cause is in it.
func answerTo(t *testing.T, err error) (*httptest.ResponseRecorder, Problem) {
	t.Helper()
	recorder := answer(t, zap.NewNop(), err)
	if got := recorder.Header().Get("Content-Type"); !strings.HasPrefix(got, "application/problem+json") {
		t.Errorf("Content-Type %q", got)
	}
	if strings.Contains(recorder.Body.String(), secret) || strings.Contains(recorder.Body.String(), "127.0.0.1") {
		t.Errorf("the client is told the cause: %s", recorder.Body)
	}
	var body Problem
	if err := json.Unmarshal(recorder.Body.Bytes(), &body); err != nil {
		t.Fatalf("%s: %v", recorder.Body, err)
	}
	return recorder, body
}

func answer(t *testing.T, log *zap.Logger, err error) *httptest.ResponseRecorder {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	recorder := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(recorder)
	c.Request = httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	c.Set(keyRequestID, "r1")
	s := &Server{log: log}
	s.respond(func(*gin.Context) (any, error) { return nil, err })(c)
	return recorder
}

// refusedDial is what dialling a port returns on which nobody listens.
func refusedDial(t *testing.T) error {
	t.Helper()
	listener := listen(t)
	_ = listener.Close()
	conn, err := net.DialTimeout("tcp", listener.Addr().String(), time.Second)
	if err == nil {
		_ = conn.Close()
		t.Fatal("somebody listens on a closed port")
	}
	return err
}

// silentStorage is what reading returns from a server that takes connections
// and says nothing. It is os.ErrDeadlineExceeded, like a slow body.
func silentStorage(t *testing.T) error {
	t.Helper()
	listener := listen(t)
	defer func() { _ = listener.Close() }()
	conn, err := net.DialTimeout("tcp", listener.Addr().String(), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetReadDeadline(time.Now())
	_, err = conn.Read(make([]byte, 1))
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("read from a silent server: %v", err)
	}
	return err
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// readBody is what handlers get from a request's body when reading it fails
// with an error of the line.
func readBody(line error) error {
	body := &pacedBody{
		Reader:  failing{fmt.Errorf(secret+": %w", line)},
		control: http.NewResponseController(httptest.NewRecorder()),
	}
	_, err := body.Read(nil)
	return err
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
