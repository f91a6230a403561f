package clickhouse

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Boot names the boot of the server's host: its name and the minute in which it
// was booted, as far as the server tells its host's uptime. Empty: it does not.
// The uptime is a second or two old, so now and then a boot looks like another
// one: that costs a comparison which finds nothing missing.
func Boot(ctx context.Context, conn driver.Conn) string {
	var boot string
	err := conn.QueryRow(ctx, `SELECT concat(hostName(), ' ', toString(toStartOfInterval(now() - toIntervalSecond(toInt64(value)), INTERVAL 1 MINUTE)))
FROM system.asynchronous_metrics WHERE metric = 'OSUptime'`).Scan(&boot)
	if err != nil {
		return ""
	}
	return boot
}
