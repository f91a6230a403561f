package fence

import (
	"context"
	"time"

	"ibarura/internal/clickhouse"
)

// Store keeps orders and what loaders say; clickhouse.Fences is one. What a
// call has written, every later read sees.
type Store interface {
	// Order gives an order, or gives it more time.
	Order(ctx context.Context, o clickhouse.FenceOrder, lease time.Duration) error
	// Mark brings an order to a later state.
	Mark(ctx context.Context, o clickhouse.FenceOrder, state clickhouse.FenceState) error
	// Break declares a claim lost, for good.
	Break(ctx context.Context, claim, purpose string) error
	// Orders lists claims and orders.
	Orders(ctx context.Context) ([]clickhouse.FenceOrder, error)
	// Say stores what a loader says.
	Say(ctx context.Context, s clickhouse.LoaderStatus) error
	// Loaders lists what each loader has said last.
	Loaders(ctx context.Context) ([]clickhouse.LoaderStatus, error)
	// DropTables drops the tables of claims, and returns once nobody uses them.
	DropTables(ctx context.Context, of func(claim string) bool) error
}

// Times are the pauses and patiences of both sides. They have to be the same in
// all processes.
type Times struct {
	Look  time.Duration // between two looks for orders or answers
	Beat  time.Duration // between two signs of life of a loader
	Dead  time.Duration // silence after which a loader is dead
	Lease time.Duration // how long an order stands without being renewed
	// Patience is how long a claim waits for all to stand, while those that do
	// cannot load.
	Patience time.Duration
}

// DefaultTimes suit a ClickHouse that answers within a second or so.
func DefaultTimes() Times {
	return Times{Look: 400 * time.Millisecond, Beat: 5 * time.Second, Dead: 30 * time.Second, Lease: 20 * time.Second, Patience: time.Minute}
}

// lost are the claims that may do nothing any more.
func lost(orders []clickhouse.FenceOrder) map[string]bool {
	claims := map[string]bool{}
	for _, o := range orders {
		if o.State == clickhouse.FenceBroken {
			claims[o.Claim] = true
		}
	}
	return claims
}
