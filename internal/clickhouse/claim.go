package clickhouse

import (
	"context"
	"errors"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// never is what stands in a table for a moment that has not come.
var never = time.Unix(0, 0).UTC()

// insertClaim inserts a row unless one was inserted under the same token before,
// in whatever process: whose row it became, the caller reads. That is how a claim
// is made without a transaction. The window of tokens of the table is long
// enough for those who claim at the same moment; who comes later sees the row.
func insertClaim(ctx context.Context, conn driver.Conn, insert, token string, row ...any) error {
	return insertRow(ctx, conn, clickhouse.Settings{"async_insert": 0, "insert_deduplicate": 1, "insert_deduplication_token": token}, insert, row)
}

// insertState inserts a row that every later query sees.
func insertState(ctx context.Context, conn driver.Conn, insert string, row ...any) error {
	return insertRow(ctx, conn, clickhouse.Settings{"async_insert": 0, "insert_deduplicate": 0}, insert, row)
}

func insertRow(ctx context.Context, conn driver.Conn, settings clickhouse.Settings, insert string, row []any) error {
	settings["log_queries"] = 0
	batch, err := conn.PrepareBatch(clickhouse.Context(ctx, clickhouse.WithSettings(settings)), insert)
	if err != nil {
		return err
	}
	if err := batch.Append(row...); err != nil {
		return errors.Join(err, batch.Abort())
	}
	return batch.Send()
}

// serverNow is the moment by the clock of ClickHouse, which is the same for all.
func serverNow(ctx context.Context, conn driver.Conn) (now time.Time, err error) {
	err = conn.QueryRow(quiet(ctx, nil), "SELECT now64(3, 'UTC')").Scan(&now)
	return now, err
}
