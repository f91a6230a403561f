package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"ibarura/internal/clickhouse"
	"ibarura/internal/config"
)

type quarantineList struct {
	config.Config
	Limit int  `name:"limit" default:"100" help:"Most rows that are listed, from 1 to a million."`
	JSON  bool `name:"json" help:"Print the rows whole, as quarantine show does."`
}

func (q *quarantineList) Run(ctx context.Context) error {
	if q.Limit < 1 || q.Limit > mostHeld {
		return fmt.Errorf("--limit is %d, outside of 1 to %d", q.Limit, mostHeld)
	}
	return withQuarantine(ctx, &q.Config, func(_ clickhouse.Target, tables clickhouse.RawTables) error {
		ids, err := tables.HeldIDs(ctx, q.Limit+1)
		if err != nil {
			return err
		}
		shown := ids[:min(q.Limit, len(ids))]
		out := bufio.NewWriter(os.Stdout)
		if q.JSON {
			err = printWhole(ctx, out, tables, shown)
		} else {
			err = printHeld(ctx, out, tables, shown)
		}
		if len(ids) > q.Limit {
			fmt.Fprintf(os.Stderr, "there are more than these %d; --limit lists more of them\n", q.Limit)
		}
		return errors.Join(err, out.Flush())
	})
}

type quarantineShow struct {
	config.Config
	IDs []string `arg:"" name:"id" help:"Ids of rows, as quarantine list shows them."`
}

func (q *quarantineShow) Run(ctx context.Context) error {
	return withQuarantine(ctx, &q.Config, func(_ clickhouse.Target, tables clickhouse.RawTables) error {
		out := bufio.NewWriter(os.Stdout)
		return errors.Join(printWhole(ctx, out, tables, q.IDs), out.Flush())
	})
}

func printHeld(ctx context.Context, out io.Writer, tables clickhouse.RawTables, ids []string) error {
	if len(ids) == 0 {
		_, err := fmt.Fprintln(out, "nothing is in quarantine")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tREFUSED\tTABLE\tCODE\tERROR")
	err := eachHeld(ctx, tables, ids, func(row *clickhouse.Refused) error {
		_, err := fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\n", row.ID, row.At.UTC().Format(time.RFC3339), row.Table, row.Code, short(row.Error))
		return err
	})
	return errors.Join(err, table.Flush())
}

// refusedRow is how a refused row is printed as JSON.
type refusedRow struct {
	ID    string          `json:"id"`
	At    time.Time       `json:"at"`
	Table string          `json:"table"`
	Seq   uint64          `json:"seq"`
	Month string          `json:"month"`
	Code  int32           `json:"code"`
	Error string          `json:"error"`
	Row   json.RawMessage `json:"row"`
}

func printWhole(ctx context.Context, out io.Writer, tables clickhouse.RawTables, ids []string) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return eachHeld(ctx, tables, ids, func(row *clickhouse.Refused) error {
		return enc.Encode(refusedRow{
			ID: row.ID, At: row.At.UTC(), Table: row.Table, Seq: row.Seq, Month: row.Month.Format("2006-01"),
			Code: row.Code, Error: row.Error, Row: row.Row,
		})
	})
}

// longestError is how much of an error stands in the list, in bytes.
const longestError = 160

// short is an error on one line, without the values that it quotes of the row.
func short(message string) string {
	text := strings.Join(strings.Fields(clickhouse.WithoutValues(message)), " ")
	if len(text) <= longestError {
		return text
	}
	end := longestError
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
