package clickhouse

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Fences is where orders to stand still and the answers of loaders are kept.
// Moments are those of ClickHouse's clock: that of a client is never compared
// with that of another.
type Fences struct{ Conn driver.Conn }

// FenceState only ever grows.
type FenceState uint8

// The states of an order, and of a claim.
const (
	FenceInForce  FenceState = 1
	FenceReleased FenceState = 2 // by who gave it
	FenceBroken   FenceState = 3 // of a claim: it is lost, and with it all its orders, for good
)

// FenceOrder is an order to stand still, or the claim to be the one who gives
// such orders: that has the ID of the claim itself.
type FenceOrder struct {
	ID      string
	Claim   string // the run of a tool that gave it
	Purpose string
	State   FenceState
	Expired bool
}

// IsClaim tells the claim from its orders.
func (o FenceOrder) IsClaim() bool { return o.ID == o.Claim }

// Stands reports whether loaders have to stand still.
func (o FenceOrder) Stands() bool { return !o.IsClaim() && o.State == FenceInForce }

// LoaderState says what a loader is doing.
type LoaderState string

// The states of a loader. Of one that is fenced or stopped nothing is under
// way, neither in ClickHouse nor in its spool.
const (
	LoaderLoading   LoaderState = "loading"
	LoaderFenced    LoaderState = "fenced"
	LoaderStopped   LoaderState = "stopped"
	LoaderForgotten LoaderState = "forgotten"
)

// LoaderStatus is the last that a loader has said.
type LoaderStatus struct {
	ID      string
	Host    string
	State   LoaderState
	Fence   string        // the order that it stands at
	Age     time.Duration // since it said so
	Version uint64        // of what it said
}

// quiet keeps what is asked twice a second out of the server's log of queries.
func quiet(ctx context.Context, values map[string]string) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithParameters(values), clickhouse.WithSettings(clickhouse.Settings{"log_queries": 0}))
}

// Order gives an order, or gives it more time: lease from now on.
func (f Fences) Order(ctx context.Context, o FenceOrder, lease time.Duration) error {
	err := f.Conn.Exec(quiet(ctx, map[string]string{
		"id": o.ID, "claim": o.Claim, "purpose": o.Purpose, "state": strconv.Itoa(int(o.State)), "lease": strconv.FormatInt(lease.Milliseconds(), 10),
	}), `INSERT INTO fences
SELECT {id:String}, {claim:String}, {purpose:String}, now64(3, 'UTC') + toIntervalMillisecond({lease:Int64}), {state:UInt8}`)
	if err != nil {
		return fmt.Errorf("order the loaders to stand still: %w", err)
	}
	return nil
}

// Mark brings an order to a later state.
func (f Fences) Mark(ctx context.Context, o FenceOrder, state FenceState) error {
	o.State = state
	return f.Order(ctx, o, 0)
}

// Break declares a claim lost, for good.
func (f Fences) Break(ctx context.Context, claim, purpose string) error {
	return f.Mark(ctx, FenceOrder{ID: claim, Claim: claim, Purpose: purpose}, FenceBroken)
}

// Orders lists claims and orders of the last days, in the order of their ids.
func (f Fences) Orders(ctx context.Context) ([]FenceOrder, error) {
	rows, err := f.Conn.Query(quiet(ctx, nil), `SELECT id, claim, toString(purpose), if(max(own) OVER (PARTITION BY claim) = 3, 3, own), expired
FROM (
    SELECT id, claim, purpose, max(state) AS own, max(expires_at) < now64(3, 'UTC') AS expired
    FROM fences GROUP BY id, claim, purpose)
ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("read the fences: %w", err)
	}
	var list []FenceOrder
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var o FenceOrder
		var state, expired uint8
		if err := scan(&o.ID, &o.Claim, &o.Purpose, &state, &expired); err != nil {
			return fmt.Errorf("read the fences: %w", err)
		}
		o.State, o.Expired = FenceState(state), expired != 0
		list = append(list, o)
		return nil
	})
	return list, err
}

// Say stores what a loader says; s.Version has to be above that of all before.
func (f Fences) Say(ctx context.Context, s LoaderStatus) error {
	err := f.Conn.Exec(quiet(ctx, map[string]string{
		"id": s.ID, "host": s.Host, "state": string(s.State), "fence": s.Fence, "version": strconv.FormatUint(s.Version, 10),
	}), `INSERT INTO loaders
SELECT {id:String}, {host:String}, {state:String}, {fence:String}, now64(3, 'UTC'), {version:UInt64}`)
	if err != nil {
		return fmt.Errorf("say that the loader is there: %w", err)
	}
	return nil
}

// Loaders lists what each loader has said last, by id.
func (f Fences) Loaders(ctx context.Context) ([]LoaderStatus, error) {
	rows, err := f.Conn.Query(quiet(ctx, nil), `SELECT id, host, toString(state), fence,
       toInt64(greatest(0, dateDiff('millisecond', seen_at, now64(3, 'UTC')))), version
FROM loaders FINAL ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("read who loads: %w", err)
	}
	var list []LoaderStatus
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var s LoaderStatus
		var age int64
		if err := scan(&s.ID, &s.Host, (*string)(&s.State), &s.Fence, &age, &s.Version); err != nil {
			return fmt.Errorf("read who loads: %w", err)
		}
		s.Age = time.Duration(age) * time.Millisecond
		list = append(list, s)
		return nil
	})
	return list, err
}
