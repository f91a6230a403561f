package fence

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
)

// Loader is what a gate stops; loader.Loader is one.
type Loader interface {
	// Fence returns once nothing is under way; until unfence nothing is begun.
	Fence(ctx context.Context) (unfence func(), err error)
	// Resolved reports whether nothing that was begun is left to be sent again.
	Resolved() bool
}

// Who names a loader.
type Who struct {
	ID   string // of the spool that it loads from
	Host string // for the operator
}

// Gate stands before one loader: it tells that the loader lives, and stops it
// when that is ordered.
type Gate struct {
	store   Store
	times   Times
	log     *zap.Logger
	metrics *metrics

	said      clickhouse.LoaderStatus
	saidAt    time.Time
	forgotten bool // an operator had said that the loader is gone
	inDoubt   bool // forgotten, and the loader does not know yet what became of what it had begun

	guard chan Loader
	stop  context.CancelFunc
	done  chan struct{}
}

// Enter announces a loader and returns once it may load. Guard has to follow
// when it runs, and Leave at the end.
func Enter(ctx context.Context, store Store, times Times, who Who, log *zap.Logger, reg prometheus.Registerer) (*Gate, error) {
	g := &Gate{store: store, times: times, log: log, metrics: newMetrics(reg), guard: make(chan Loader, 1), done: make(chan struct{})}
	g.said = clickhouse.LoaderStatus{ID: who.ID, Host: who.Host}
	if err := g.begin(ctx); err != nil {
		return nil, fmt.Errorf("enter the fence: %w", err)
	}
	running, stop := context.WithCancel(context.Background())
	g.stop = stop
	go g.run(running)
	return g, nil
}

// stillForgotten stands in the place of an order while a loader that was
// declared gone has not yet found out what became of what it had begun.
const stillForgotten = "forgotten"

// begin waits for the fence, unless the last process left something under way:
// then there is none, since every claim waits for that.
func (g *Gate) begin(ctx context.Context) error {
	unresolved, err := g.remember(ctx)
	if err != nil {
		return err
	}
	if unresolved {
		if err := g.say(ctx, clickhouse.LoaderLoading, g.mark()); err != nil {
			return err
		}
		return g.dropLost(ctx)
	}
	for {
		passed, err := g.pass(ctx)
		if err != nil || passed {
			return err
		}
		select {
		case <-time.After(g.times.Look):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// remember reads what the last process of this loader has said.
func (g *Gate) remember(ctx context.Context) (unresolved bool, err error) {
	all, err := g.store.Loaders(ctx)
	if err != nil {
		return false, err
	}
	for _, l := range all {
		if l.ID != g.said.ID {
			continue
		}
		g.said.Version = l.Version
		g.forgotten = l.State == clickhouse.LoaderForgotten || l.Fence == stillForgotten
		g.inDoubt = g.forgotten
		return l.State == clickhouse.LoaderLoading, nil
	}
	return false, nil
}

// Forgotten reports whether an operator had declared the loader gone: what it
// had begun may be counted already, whatever its tokens say.
func (g *Gate) Forgotten() bool { return g.forgotten }

// Guard gives the gate the loader, once that knows what became of what the
// last process had begun.
func (g *Gate) Guard(l Loader) { g.guard <- l }

// Leave ends the gate, after its loader has stopped. It may be called without Guard, if
// the loader did not start. That it cannot say so, since ClickHouse is not
// there, is no failure of the loader: repairs wait for its next start.
func (g *Gate) Leave(ctx context.Context) {
	g.stop()
	<-g.done
	select {
	case l := <-g.guard:
		if !l.Resolved() {
			return
		}
		if err := g.say(ctx, clickhouse.LoaderStopped, ""); err != nil {
			g.log.Warn("cannot say that the loader has stopped; repairs wait for its next start", zap.Error(err))
		}
	default:
	}
}

// pass looks whether the loader may go on; if not, it says that it stands.
// Who looks again after having said that it loads is seen by who orders next.
func (g *Gate) pass(ctx context.Context) (bool, error) {
	order, err := g.standing(ctx)
	if err != nil || order != "" {
		return false, g.stand(ctx, order, err)
	}
	if err := g.say(ctx, clickhouse.LoaderLoading, g.mark()); err != nil {
		return false, err
	}
	order, err = g.standing(ctx)
	if err != nil || order != "" {
		return false, g.stand(ctx, order, err)
	}
	return true, g.dropLost(ctx)
}

// stand says that the loader stands at an order.
func (g *Gate) stand(ctx context.Context, order string, err error) error {
	switch {
	case err != nil:
		return err
	case g.inDoubt:
		return g.sayOnce(ctx, clickhouse.LoaderForgotten, "")
	}
	return g.sayOnce(ctx, clickhouse.LoaderFenced, order)
}

func (g *Gate) mark() string {
	if g.inDoubt {
		return stillForgotten
	}
	return ""
}

// standing names an order that stands, and breaks the claims of those whose
// lease has run out.
func (g *Gate) standing(ctx context.Context) (string, error) {
	orders, err := g.store.Orders(ctx)
	if err != nil {
		return "", err
	}
	found := ""
	for _, o := range orders {
		switch {
		case !o.Stands():
		case !o.Expired:
			found = o.ID
		default:
			g.log.Warn("who has ordered the loaders to stand still is silent; they go on", zap.String("purpose", o.Purpose))
			if err := g.store.Break(ctx, o.Claim, o.Purpose); err != nil {
				return "", err
			}
		}
	}
	return found, nil
}

// dropLost makes sure that who has lost a claim can replace nothing any more.
func (g *Gate) dropLost(ctx context.Context) error {
	orders, err := g.store.Orders(ctx)
	if err != nil {
		return err
	}
	claims := lost(orders)
	return g.store.DropTables(ctx, func(claim string) bool { return claims[claim] })
}

// sayOnce says something unless it was just said.
func (g *Gate) sayOnce(ctx context.Context, state clickhouse.LoaderState, order string) error {
	if g.said.State == state && g.said.Fence == order && time.Since(g.saidAt) < g.times.Beat {
		return nil
	}
	return g.say(ctx, state, order)
}

// say is what others go by. After an error it may have been heard or not.
func (g *Gate) say(ctx context.Context, state clickhouse.LoaderState, order string) error {
	g.said.Version++
	g.said.State, g.said.Fence = state, order
	if err := g.store.Say(ctx, g.said); err != nil {
		g.saidAt = time.Time{}
		return err
	}
	g.saidAt = time.Now()
	return nil
}
