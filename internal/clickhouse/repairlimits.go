package clickhouse

import (
	"context"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// RepairLimits bound one statement of a repair, so that ingest and reports go
// on beside it.
type RepairLimits struct {
	Threads int    // 0: as many as the server likes
	Memory  uint64 // bytes; 0: what the server allows. Groups beyond a half of it go to the disk
}

// Settings bound a statement.
func (l RepairLimits) Settings() clickhouse.Settings {
	settings := clickhouse.Settings{"max_execution_time": 0}
	if l.Threads > 0 {
		settings["max_threads"] = l.Threads
		settings["max_insert_threads"] = 1
	}
	if l.Memory > 0 {
		settings["max_memory_usage"] = strconv.FormatUint(l.Memory, 10)
		settings["max_bytes_before_external_group_by"] = strconv.FormatUint(l.Memory/2, 10)
		settings["max_bytes_before_external_sort"] = strconv.FormatUint(l.Memory/2, 10)
	}
	return settings
}

// bound binds parameters, and bounds what a statement may take. Blocks that a
// repair inserts are never known from before, equal as they may be.
func (l RepairLimits) bound(ctx context.Context, values map[string]string) context.Context {
	settings := l.Settings()
	settings["insert_deduplicate"] = 0
	return clickhouse.Context(ctx, clickhouse.WithParameters(values), clickhouse.WithSettings(settings))
}
