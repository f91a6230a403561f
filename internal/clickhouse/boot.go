package clickhouse

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// accessDenied and unknownTable are codes with which a server says that it will
// never tell.
const (
	accessDenied = 497
	unknownTable = 60
)

// Boot names the boot of the server's host: its name, a space, and the moment at
// which it was booted in Unix seconds, give or take a few. Empty: the server
// does not tell its host's uptime.
func Boot(ctx context.Context, conn driver.Conn) (string, error) {
	rows, err := conn.Query(ctx, `SELECT concat(hostName(), ' ', toString(toUnixTimestamp(now()) - toInt64(value)))
FROM system.asynchronous_metrics WHERE metric = 'OSUptime'`)
	if code, ok := CodeOf(err); ok && (code == accessDenied || code == unknownTable) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("ask for the boot of ClickHouse's host: %w", err)
	}
	boot := ""
	err = forEach(rows, func(scan func(dest ...any) error) error { return scan(&boot) })
	if err != nil {
		return "", fmt.Errorf("ask for the boot of ClickHouse's host: %w", err)
	}
	return boot, nil
}
