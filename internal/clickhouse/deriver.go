package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Deriver runs what makes derived tables: as the writer, and outside the limits
// of readers, but within a memory limit of its own.
type Deriver struct {
	Conn      driver.Conn
	MaxMemory uint64 // bytes that one statement may take
}

// Exec runs one statement with server-side parameters. name is the query's, for errors.
func (d Deriver) Exec(ctx context.Context, name, sql string, params map[string]string) error {
	if err := d.Conn.Exec(d.context(ctx, params), sql); err != nil {
		return fmt.Errorf("derive %s: %w", name, err)
	}
	return nil
}

// Query runs one statement and calls each for every row of its answer.
func (d Deriver) Query(ctx context.Context, name, sql string, params map[string]string,
	each func(scan func(dest ...any) error) error) error {
	rows, err := d.Conn.Query(d.context(ctx, params), sql)
	if err == nil {
		err = forEach(rows, each)
	}
	if err != nil {
		return fmt.Errorf("derive %s: %w", name, err)
	}
	return nil
}

// Each insert is one block where it fits, which becomes one part, and nothing of
// it is taken for a block that came before.
func (d Deriver) context(ctx context.Context, params map[string]string) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithParameters(params), clickhouse.WithSettings(clickhouse.Settings{
		"max_memory_usage":            strconv.FormatUint(d.MaxMemory, 10),
		"insert_deduplicate":          0,
		"max_insert_threads":          1,
		"min_insert_block_size_rows":  1_048_576,
		"min_insert_block_size_bytes": 1 << 28,
	}))
}

// Claim asks to be the process that derives a part of a project after a run. The
// first to ask has it, for this attempt; holder names the process.
func (d Deriver) Claim(ctx context.Context, project, part string, after uint64, attempt uint32, holder string) (bool, error) {
	token := fmt.Sprintf("%s %s %d %d", project, part, after, attempt)
	batch, err := d.Conn.PrepareBatch(clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"async_insert": 0, "insert_deduplicate": 1, "insert_deduplication_token": token,
	})), "INSERT INTO derived_claims (project, part, after, attempt, holder)")
	if err != nil {
		return false, fmt.Errorf("claim %s of %s: %w", part, project, err)
	}
	if err := batch.Append(project, part, after, attempt, holder); err != nil {
		return false, errors.Join(err, batch.Abort())
	}
	if err := batch.Send(); err != nil {
		return false, fmt.Errorf("claim %s of %s: %w", part, project, err)
	}
	var first string
	err = d.Conn.QueryRow(parameters(ctx, map[string]string{
		"project": project, "part": part, "after": strconv.FormatUint(after, 10), "attempt": strconv.FormatUint(uint64(attempt), 10),
	}), `SELECT any(holder) FROM derived_claims
WHERE project = {project:String} AND part = {part:String} AND after = {after:UInt64} AND attempt = {attempt:UInt32}`).Scan(&first)
	if err != nil {
		return false, fmt.Errorf("claim %s of %s: %w", part, project, err)
	}
	return first == holder, nil
}
