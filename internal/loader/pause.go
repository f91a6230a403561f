package loader

import (
	"time"

	"github.com/cenkalti/backoff/v5"
)

// pause is the jittered, exponential wait between two attempts.
type pause struct{ backoff *backoff.ExponentialBackOff }

func newPause(shortest, longest time.Duration) *pause {
	b := backoff.NewExponentialBackOff()
	if shortest > 0 {
		b.InitialInterval = shortest
	}
	if longest > 0 {
		b.MaxInterval = longest
	}
	b.Reset()
	return &pause{b}
}

func (p *pause) next() time.Duration { return p.backoff.NextBackOff() }
