package httpapi

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
)

// Rates are what one key may do in one process.
type Rates struct {
	RequestsPerSecond int           // 0: any number
	ItemsPerSecond    int           // 0: any number
	Burst             time.Duration // this long's worth may come at once; at least a second
}

// ratedKeys is how many keys are remembered; beyond it the one that was quiet
// longest is forgotten, and may have its burst anew.
const ratedKeys = 10_000

// rates hold each key to its rates. It is safe for concurrent use.
type rates struct {
	config  Rates
	limited *prometheus.CounterVec

	mu   sync.Mutex
	keys *simplelru.LRU[string, *keyRates] // nil: no limits
}

// keyRates are the two buckets of a key; nil: no such limit.
type keyRates struct{ requests, items *rate.Limiter }

func newRates(config Rates, limited *prometheus.CounterVec) *rates {
	r := &rates{config: config, limited: limited}
	if config.RequestsPerSecond+config.ItemsPerSecond > 0 {
		r.keys, _ = simplelru.NewLRU[string, *keyRates](ratedKeys, nil) // fails only for a size that is not positive
	}
	return r
}

func (r *rates) of(keyID string) *keyRates {
	if r.keys == nil {
		return &keyRates{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, there := r.keys.Get(keyID); there {
		return known
	}
	fresh := &keyRates{r.bucket(r.config.RequestsPerSecond), r.bucket(r.config.ItemsPerSecond)}
	r.keys.Add(keyID, fresh)
	return fresh
}

func (r *rates) bucket(perSecond int) *rate.Limiter {
	if perSecond == 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(float64(perSecond)*r.config.Burst.Seconds())))
}

// admit lets a request pass if its key is within its rates, and says in the
// answer where the key stands, in the headers of the IETF's draft
// (draft-ietf-httpapi-ratelimit-headers).
func (r *rates) admit(c *gin.Context, keyID string) error {
	key := r.of(keyID)
	now := time.Now()
	defer r.tell(c, key, now)
	switch {
	case key.items != nil && key.items.TokensAt(now) < 1: // a large request may leave a debt
		return r.refuse(c, "items", key.items, now)
	case key.requests != nil && !key.requests.AllowN(now, 1):
		return r.refuse(c, "requests", key.requests, now)
	}
	return nil
}

func (r *rates) refuse(c *gin.Context, limit string, bucket *rate.Limiter, now time.Time) error {
	r.limited.WithLabelValues(limit).Inc()
	status := http.StatusTooManyRequests
	if c.GetBool(keyDropsOn429) {
		status = http.StatusServiceUnavailable
	}
	wait := (1 - bucket.TokensAt(now)) / float64(bucket.Limit())
	return problem(status, "rate_limited", "this key is over its limit of %v %s a second; send the same items again, with their ids",
		bucket.Limit(), limit).retryAfter(seconds(wait))
}

// tell writes where the key stands: q may come in w seconds, r of it is left,
// and after t seconds all of it is there again.
func (r *rates) tell(c *gin.Context, key *keyRates, now time.Time) {
	var policies, states []string
	for _, b := range []struct {
		name   string
		bucket *rate.Limiter
	}{{"requests", key.requests}, {"items", key.items}} {
		if b.bucket == nil {
			continue
		}
		burst, tokens := float64(b.bucket.Burst()), b.bucket.TokensAt(now)
		policies = append(policies, fmt.Sprintf("%q;q=%d;w=%d", b.name, b.bucket.Burst(), seconds(burst/float64(b.bucket.Limit()))))
		states = append(states, fmt.Sprintf("%q;r=%d;t=%d", b.name, max(0, int(tokens)), seconds((burst-tokens)/float64(b.bucket.Limit()))))
	}
	if len(policies) > 0 {
		c.Header("RateLimit-Policy", strings.Join(policies, ", "))
		c.Header("RateLimit", strings.Join(states, ", "))
	}
}

func seconds(s float64) int { return max(0, int(math.Ceil(s))) }

// spend returns what ingest tells of the items of a request of this key; nil
// without a limit. Items that have been read are paid for, if need be by a debt
// that the next requests wait for. A stream, which may never end, waits itself.
func (r *rates) spend(keyID string, stream bool) func(ctx context.Context, items int) error {
	bucket := r.of(keyID).items
	if bucket == nil {
		return nil
	}
	return func(ctx context.Context, items int) error {
		now := time.Now()
		for rest := items; rest > 0; rest -= bucket.Burst() {
			bucket.ReserveN(now, min(rest, bucket.Burst()))
		}
		if !stream {
			return nil
		}
		return pause(ctx, time.Duration(-bucket.TokensAt(now)/float64(bucket.Limit())*float64(time.Second)))
	}
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// dropsOn429 marks routes whose clients throw away what is answered 429, as
// PostHog's do: they are told 503, after which they try again.
func dropsOn429(c *gin.Context) { c.Set(keyDropsOn429, true) }
