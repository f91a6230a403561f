package fence

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ibarura/internal/clickhouse"
)

// ErrAlive means that a loader that shall be forgotten has been heard of lately.
var ErrAlive = errors.New("the loader lives")

// Forget declares a loader gone for ever: no fence waits for it any more. If it
// comes back, it compares what it had begun with raw. A loader that has
// been heard of lately is not forgotten.
func Forget(ctx context.Context, store Store, times Times, id string) error {
	all, err := store.Loaders(ctx)
	if err != nil {
		return err
	}
	for _, l := range all {
		switch {
		case l.ID != id:
			continue
		case l.State == clickhouse.LoaderForgotten:
			return nil
		case l.State != clickhouse.LoaderStopped && l.Age <= times.Dead:
			return fmt.Errorf("%w: it was seen %s ago; stop it, or wait until it is silent for %s", ErrAlive, l.Age.Round(time.Second), times.Dead)
		}
		l.Version++
		l.State, l.Fence = clickhouse.LoaderForgotten, ""
		return store.Say(ctx, l)
	}
	return fmt.Errorf("no loader has the id %q", id)
}
