package visitor

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// idBytes is how much of a hash becomes the id: 128 bits, so that no two
// visitors of a day ever share one by chance.
const idBytes = 16

// Options bound what is remembered of visitors.
type Options struct {
	// SessionIdle is how long a session lasts without anything from its
	// visitor. 0: no sessions are made.
	SessionIdle time.Duration
	// MaxSessions is how many sessions are remembered at most, about 200 bytes
	// each; beyond it the one that was idle longest ends.
	MaxSessions int
}

// Visitors names visitors and their sessions. It is safe for concurrent use.
type Visitors struct {
	salts    *salts
	sessions *sessions // nil: none are made
	stop     context.CancelFunc
	stopped  sync.WaitGroup
}

// New returns Visitors whose salts are in store, and begins to look after
// them; Close ends that.
func New(o Options, store Store, clock func() time.Time, log *zap.Logger, reg prometheus.Registerer) *Visitors {
	ctx, stop := context.WithCancel(context.Background())
	v := &Visitors{salts: newSalts(store, clock, log), stop: stop}
	if o.SessionIdle > 0 {
		v.sessions = newSessions(o.SessionIdle, o.MaxSessions)
	}
	registerMetrics(reg, v)
	v.stopped.Go(func() { v.salts.lookAfter(ctx) })
	return v
}

// Close returns once the salts are left alone. It never fails.
func (v *Visitors) Close() error {
	v.stop()
	v.stopped.Wait()
	return nil
}

// Visitor returns the id of whoever uses this browser at this address: the same
// within a local day of the project, another on the next one. Empty if the
// address is none.
func (v *Visitors) Visitor(ctx context.Context, project string, zone *time.Location, address, userAgent string, now time.Time) string {
	where, known := network(address)
	if !known {
		return ""
	}
	key := v.salts.of(ctx, zone, now)
	mac := hmac.New(sha256.New, key[:])
	for _, part := range []string{project, where, userAgent} {
		// The length keeps one part from running into the next.
		_, _ = mac.Write(binary.AppendUvarint(nil, uint64(len(part))))
		_, _ = mac.Write([]byte(part))
	}
	return hex.EncodeToString(mac.Sum(nil)[:idBytes])
}

// network is what is hashed of an address: an IPv4 address, or the first half
// of an IPv6 one. Its other half is the device's own choice, which many change
// several times a day; the first names the household or office, as an IPv4
// address does.
func network(address string) (string, bool) {
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return "", false
	}
	parsed = parsed.Unmap().WithZone("")
	if parsed.Is4() {
		return parsed.String(), true
	}
	return netip.PrefixFrom(parsed, 64).Masked().String(), true
}
