package loader

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ibarura/internal/clickhouse"
	"ibarura/internal/event"
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
func Release(ctx context.Context, inserter Inserter, landed Landed, tables Quarantine, refused clickhouse.Refused) error {
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
		if err := insertRefused(ctx, inserter, landed, refused, token); err != nil {
			return err
		}
	}
	return tables.Decide(ctx, refused, clickhouse.Released)
}

func insertRefused(ctx context.Context, inserter Inserter, landed Landed, refused clickhouse.Refused, token string) error {
	for _, table := range rowblock.Tables() {
		if table.String() != refused.Table {
			continue
		}
		block := rowblock.New(table)
		if err := block.Merge(refused.Chunk, refused.Seq); err != nil {
			return fmt.Errorf("read refused row %s: %w", refused.ID, err)
		}
		return landBetween(ctx, landed, block, token, func(token string) error {
			return inserter.Insert(ctx, refused.Table, block.Input(), token, nil)
		})
	}
	return fmt.Errorf("refused row %s: %w", refused.ID, errUnknownTable)
}

// landBetween inserts a block between the two marks of its days, which are of
// this attempt alone: the next one may bring the rows in. If it is not known
// whether they are in, the second mark is not set, and no answer about these
// days is kept until they are rebuilt.
func landBetween(ctx context.Context, landed Landed, block *rowblock.Block, token string, insert func(token string) error) error {
	var days []clickhouse.ProjectDay
	block.EachDay(func(project string, day event.Day) {
		days = append(days, clickhouse.ProjectDay{Project: project, Day: day})
	})
	attempt := fmt.Sprintf("%s:%d", token, time.Now().UnixNano())
	if err := landed.Begin(ctx, days, attempt); err != nil {
		return err
	}
	err := insert(token)
	if err != nil && clickhouse.ClassOf(err) != clickhouse.Permanent {
		return err
	}
	return errors.Join(err, landed.End(ctx, days, attempt))
}
