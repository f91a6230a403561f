package httpapi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
)

func TestClientsThatDropOn429AreTold503(t *testing.T) {
	for status, before := range map[int][]gin.HandlerFunc{
		http.StatusTooManyRequests:    nil,
		http.StatusServiceUnavailable: {dropsOn429},
	} {
		limited := newRates(Rates{RequestsPerSecond: 1, Burst: time.Second}, newMetrics(prometheus.NewRegistry()).limited)
		gin.SetMode(gin.ReleaseMode)
		engine := gin.New()
		var last error
		engine.POST("/e", append(before, func(c *gin.Context) { last = limited.admit(c, "k") })...)
		for range 2 {
			engine.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/e", nil))
		}
		var refusal *Problem
		if !errors.As(last, &refusal) || refusal.Status != status || refusal.Code != "rate_limited" || refusal.RetryAfter != 1 {
			t.Errorf("%v, want status %d", last, status)
		}
	}
}
