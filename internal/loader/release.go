package loader

import (
	"context"
	"fmt"

	"ibarura/internal/clickhouse"
	"ibarura/internal/rowblock"
)

// Quarantine is where refused rows are kept until somebody decides.
type Quarantine interface {
	Tables
	Decide(ctx context.Context, refused clickhouse.Refused, state string) error
}

// Release brings a refused row into its table after all, with the number that
// it has always had, and takes it out of quarantine. A row that is in the
// table already is not inserted again: it may be repeated after any error. A
// token whose row ClickHouse forgot when it was killed is followed by another.
func Release(ctx context.Context, inserter Inserter, tables Quarantine, refused clickhouse.Refused) error {
	token := "ibarura:quarantine:" + refused.ID
	for round := range reloads {
		present, err := tables.Present(ctx, refused.Table, refused.Month, refused.Seq, refused.Seq)
		if err != nil {
			return err
		}
		if present[refused.Seq] {
			break
		}
		if round > 0 {
			token = fmt.Sprintf("ibarura:quarantine:%s:%d", refused.ID, round)
		}
		if err := insertRefused(ctx, inserter, refused, token); err != nil {
			return err
		}
	}
	return tables.Decide(ctx, refused, clickhouse.Released)
}

func insertRefused(ctx context.Context, inserter Inserter, refused clickhouse.Refused, token string) error {
	for _, table := range rowblock.Tables() {
		if table.String() != refused.Table {
			continue
		}
		block := rowblock.New(table)
		if err := block.Merge(refused.Chunk, refused.Seq); err != nil {
			return fmt.Errorf("read refused row %s: %w", refused.ID, err)
		}
		return inserter.Insert(ctx, refused.Table, block.Input(), token, nil)
	}
	return fmt.Errorf("refused row %s: %w", refused.ID, errUnknownTable)
}
