package clickhouse

import (
	"context"
	"fmt"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// whichProcess answers with what every process of ClickHouse makes up for itself
// when it starts and keeps nowhere: a server the ids of its system tables, the
// embedded engine that of the database they are in. A server whose system
// database is of the engine Ordinary has neither.
const whichProcess = `SELECT max(id) AS process FROM (
    SELECT toString(uuid) AS id FROM system.tables
    WHERE database = 'system' AND name = 'asynchronous_metrics' AND uuid != toUUIDOrZero('')
    UNION ALL
    SELECT toString(uuid) FROM system.databases
    WHERE name = 'system' AND engine = 'Memory' AND uuid != toUUIDOrZero(''))`

// processOf names the process that a connection leads to: two connections with
// the same name lead to one process, which has not been started anew between
// them. Empty: it cannot be told from others.
func processOf(ctx context.Context, client *ch.Client) (string, error) {
	var process proto.ColStr
	err := client.Do(ctx, ch.Query{Body: whichProcess, Result: proto.Results{{Name: "process", Data: &process}}})
	if err != nil {
		return "", fmt.Errorf("ask for ClickHouse's process: %w", err)
	}
	if process.Rows() != 1 {
		return "", nil
	}
	return process.First(), nil
}
