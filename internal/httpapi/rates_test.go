package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"ibarura/internal/httpapi"
)

func limited(rates httpapi.Rates) func(*httpapi.Config) {
	return func(c *httpapi.Config) { c.Rates = rates }
}

func TestAKeyOverItsRequestsIsToldWhenToComeBack(t *testing.T) {
	f := newFixture(t, limited(httpapi.Rates{RequestsPerSecond: 1, Burst: 3 * time.Second}))
	for i := range 3 {
		a := f.do(t, http.MethodPost, "/api/v1/events", "write", strings.NewReader(`{"type":"login"}`))
		if a.status != http.StatusOK || a.header.Get("RateLimit-Policy") != `"requests";q=3;w=3` {
			t.Fatalf("request %d: %d %v", i, a.status, a.header)
		}
		if want := fmt.Sprintf(`"requests";r=%d;t=%d`, 2-i, 1+i); a.header.Get("RateLimit") != want {
			t.Errorf("request %d: RateLimit is %s, want %s", i, a.header.Get("RateLimit"), want)
		}
	}
	a := f.do(t, http.MethodPost, "/api/v1/events", "write", strings.NewReader(`{"type":"login"}`))
	if a.status != http.StatusTooManyRequests || a.Code != "rate_limited" || a.header.Get("Retry-After") != "1" {
		t.Errorf("%d %s %v", a.status, a.body, a.header)
	}
	if a := f.do(t, http.MethodGet, "/api/v1/analytics/users?from=nonsense", "read", nil); a.status != http.StatusBadRequest {
		t.Errorf("reading is limited too: %d", a.status)
	}
	if n := testutil.CollectAndCount(f.reg, "ibarura_http_rate_limited_total"); n != 1 {
		t.Errorf("%d series of refusals", n)
	}
}

func TestALargeRequestLeavesADebtThatTheNextOnesWaitFor(t *testing.T) {
	f := newFixture(t, limited(httpapi.Rates{ItemsPerSecond: 10, Burst: time.Second}))
	items := "[" + strings.Repeat(`{"type":"login"},`, 999) + `{"nonsense":1}]`
	a := f.do(t, http.MethodPost, "/api/v1/events", "write", strings.NewReader(items))
	if a.status != http.StatusOK || a.Accepted != 999 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a = f.do(t, http.MethodPost, "/api/v1/events", "write", strings.NewReader(`{"type":"login"}`))
	if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "100" || a.header.Get("RateLimit") != `"items";r=0;t=100` {
		t.Errorf("%d %v", a.status, a.header)
	}
}

// A stream of 600 items at 1,000 a second with a burst of 1,000 does not wait;
// the second one has to, and then every line is taken all the same.
func TestAStreamIsSlowedDownAndNotRefused(t *testing.T) {
	f := newFixture(t, limited(httpapi.Rates{ItemsPerSecond: 1000, Burst: time.Second}))
	for range 2 {
		a := f.do(t, http.MethodPost, "/api/v1/events", "write", strings.NewReader(strings.Repeat(`{"type":"login"}`+"\n", 600)), "Content-Type", "application/x-ndjson")
		if a.status != http.StatusOK || a.Accepted != 600 {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
}
