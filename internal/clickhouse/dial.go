package clickhouse

import (
	"context"
	"errors"
	"io"
	"syscall"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// A server under load may accept a connection and reset it before it has
// greeted. Nothing was asked by then, so another attempt is harmless; one that
// refuses connections is down, and whoever asks decides how long to wait.
const (
	greetings    = 3
	betweenDials = 50 * time.Millisecond
)

// dialer is the driver's way to connect, tried again when the server hangs up
// in the greeting, and as long as ctx lives when one that is supervised is not
// there.
func dialer(supervised bool) func(context.Context, int, *clickhouse.Options, clickhouse.Dial) (clickhouse.DialResult, error) {
	return func(ctx context.Context, conn int, o *clickhouse.Options, dial clickhouse.Dial) (clickhouse.DialResult, error) {
		for attempt := 1; ; attempt++ {
			result, err := clickhouse.DefaultDialStrategy(ctx, conn, o, dial)
			again := attempt < greetings && hungUp(err) || supervised && errors.Is(err, syscall.ECONNREFUSED)
			if err == nil || !again {
				return result, err
			}
			select {
			case <-time.After(betweenDials):
			case <-ctx.Done():
				return result, err
			}
		}
	}
}

func hungUp(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
