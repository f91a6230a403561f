package httpapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/export"
	"ibarura/internal/httpapi"
	"ibarura/internal/report"
)

// fewRows is a streamer that has so many rows and then fails.
type fewRows struct {
	n      int
	failed error
}

func (f fewRows) Stream(_ context.Context, _, _ string, _ map[string]string, each func(scan func(dest ...any) error) error) error {
	for range f.n {
		if err := each(func(dest ...any) error {
			for _, d := range dest {
				switch d := d.(type) {
				case *string:
					*d = "text"
				case *time.Time:
					*d = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return f.failed
}

func exportOf(t *testing.T, rows fewRows, headers ...string) (*http.Response, []byte, error) {
	t.Helper()
	reg, reports := prometheus.NewRegistry(), report.New(nil, time.Now, report.DefaultLimits())
	s, err := httpapi.New(httpapi.Config{MaxBodyBytes: 1 << 20, MaxBodyMemory: 8 << 20, BodyTimeout: time.Second, WriteTimeout: 10 * time.Second}, httpapi.Deps{
		Keys: keys{}, Report: reports, Raw: export.NewRaw(reports, rows, reg), Gatherer: reg, Registry: reg, Log: zap.NewNop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/v1/export/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer admin")
	request.Header.Set("Accept-Encoding", "identity")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return response, body, err
}

var outOfTime = &clickhouse.LimitError{Limit: "timeout", Message: "the export took longer than 1s"}

func TestAnExportThatEndsEarlySaysSoInItsTrailers(t *testing.T) {
	response, body, err := exportOf(t, fewRows{3, outOfTime}, "TE", "trailers")
	if err != nil {
		t.Fatal(err)
	}
	said := response.Trailer
	if strings.Count(string(body), "\n") != 3 || said.Get("Export-Rows") != "3" || said.Get("Export-Complete") != "false" ||
		said.Get("Export-Error") != "limit_timeout" || said.Get("Export-Cursor") == "" {
		t.Errorf("%v\n%s", said, body)
	}
}

// Who would not see the trailers must not take a part for the whole.
func TestAnExportThatEndsEarlyBreaksTheConnectionOfOtherClients(t *testing.T) {
	for name, rows := range map[string]fewRows{"few": {3, outOfTime}, "many": {5000, errors.New("ClickHouse fails")}} {
		if _, body, err := exportOf(t, rows); err == nil {
			t.Errorf("%s: it ended well, with %d bytes", name, len(body))
		}
	}
}

func TestAnExportThatFailsAtOnceIsAProblem(t *testing.T) {
	response, body, err := exportOf(t, fewRows{0, clickhouse.ErrBusy})
	if err != nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" || !strings.Contains(string(body), `"code":"busy"`) {
		t.Errorf("%v %s", err, body)
	}
}
