package wire

import (
	"slices"
	"time"
)

// Latency is how long each request took, in ascending order.
type Latency []time.Duration

func (l Latency) sort() { slices.Sort(l) }

// Percentile returns the time that p percent of the requests did not exceed; 0
// if there were none. p is more than 0 and at most 100.
func (l Latency) Percentile(p float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	at := int(float64(len(l))*p/100+0.5) - 1
	return l[min(max(at, 0), len(l)-1)]
}
