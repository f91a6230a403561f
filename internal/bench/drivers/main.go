// Command drivers measures the two ways of Go to send rows to ClickHouse, for
// the same rows in the same order: clickhouse-go's batch, row by row, and
// columns that are built directly and sent by ch-go. It is what the loader's
// choice rests on, beside the way from POST to chart. Run it in the root of the
// checkout: go run ./internal/bench/drivers
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"ibarura/internal/bench/markdown"
	"ibarura/internal/bench/server"
)

type options struct {
	Rounds int    `default:"5" help:"Rounds a driver and table; medians are compared."`
	Blocks int    `default:"8" help:"Blocks a round."`
	Rows   int    `default:"50000" help:"Rows a block."`
	Binary string `type:"existingfile" help:"The ibarura that starts the engine. Empty: built from this checkout."`
}

func main() {
	var o options
	kong.Parse(&o)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, &o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "drivers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o *options) error {
	if o.Rounds < 1 || o.Blocks < 1 || o.Rows < 1 || o.Rows > 1_000_000 {
		return errors.New("rounds and blocks are at least 1, rows 1 to 1,000,000")
	}
	dir, err := os.MkdirTemp("", "ibarura-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.Binary == "" {
		if o.Binary, err = server.Build(ctx, dir); err != nil {
			return err
		}
	}
	s, err := server.Start(ctx, server.Options{Binary: o.Binary, Dir: filepath.Join(dir, "server")})
	if err != nil {
		return err
	}
	return errors.Join(compare(ctx, o, s.Engine), s.Stop())
}

const (
	nothing   = "bench.nothing"
	raw       = "bench.raw"
	withViews = "ibarura.events"
)

// tables are where the rows go, the cheapest first.
var tables = []struct{ name, what, make string }{
	{nothing, "`ENGINE = Null`", "CREATE TABLE " + nothing + " AS ibarura.events ENGINE = Null"},
	{raw, "`events` without views", "CREATE TABLE " + raw + " AS ibarura.events"},
	{withViews, "`events` with all views", ""},
}

func compare(ctx context.Context, o *options, e *server.Engine) error {
	if err := makeTables(ctx, e); err != nil {
		return err
	}
	rows, err := makeRows(o.Rows)
	if err != nil {
		return err
	}
	drivers, err := open(ctx, e)
	if err != nil {
		return err
	}
	results := map[string][]result{}
	for range o.Rounds {
		for _, table := range tables {
			for _, d := range drivers {
				r, err := measure(ctx, d, table.name, rows, o.Blocks)
				if err != nil {
					return fmt.Errorf("%s into %s: %w", d.name(), table.name, err)
				}
				results[table.name+d.name()] = append(results[table.name+d.name()], r)
				if err := clean(ctx, e, table.name); err != nil {
					return err
				}
			}
		}
	}
	return errors.Join(printResults(o, drivers, results), closeAll(drivers))
}

func makeTables(ctx context.Context, e *server.Engine) error {
	if _, err := e.Query(ctx, "CREATE DATABASE bench"); err != nil {
		return err
	}
	for _, table := range tables {
		if table.make == "" {
			continue
		}
		if _, err := e.Query(ctx, table.make); err != nil {
			return err
		}
	}
	return nil
}

// clean leaves nothing for the next measurement to pay for.
func clean(ctx context.Context, e *server.Engine, table string) error {
	switch table {
	case nothing:
		return nil
	case withViews:
		return e.Empty(ctx)
	default:
		if _, err := e.Query(ctx, "TRUNCATE TABLE "+table+" SYNC"); err != nil {
			return err
		}
		return e.Settle(ctx)
	}
}

func printResults(o *options, drivers []driver, results map[string][]result) error {
	fmt.Printf("\n%d rounds of %d blocks of %d rows a driver and table, in turn, one connection; medians.\n", o.Rounds, o.Blocks, o.Rows)
	t := markdown.New("into:", "by:", "ns a row", "client's CPU, ns a row", "allocations a row", "bytes allocated a row")
	var ratios []float64
	for _, table := range tables {
		var wall []float64
		for _, d := range drivers {
			r := medians(results[table.name+d.name()])
			wall = append(wall, r.wall)
			t.Add(table.what, d.name(), fmt.Sprintf("%.0f", r.wall), fmt.Sprintf("%.0f", r.cpu), fmt.Sprintf("%.2f", r.allocations), fmt.Sprintf("%.0f", r.bytes))
		}
		ratios = append(ratios, wall[0]/wall[1])
	}
	if err := t.Print(os.Stdout); err != nil {
		return err
	}
	fmt.Println("Rows a second of ch-go's columns, as a multiple of clickhouse-go's batch:")
	for i, table := range tables[:len(tables)-1] {
		fmt.Printf("ratio, %s: %.2f\n", table.what, ratios[i])
	}
	fmt.Printf("ratio: %.2f\n", ratios[len(ratios)-1])
	return nil
}

func medians(all []result) result {
	median := func(of func(result) float64) float64 {
		sorted := slices.SortedFunc(slices.Values(all), func(a, b result) int { return cmp.Compare(of(a), of(b)) })
		return of(sorted[len(sorted)/2])
	}
	return result{
		wall:        median(func(r result) float64 { return r.wall }),
		cpu:         median(func(r result) float64 { return r.cpu }),
		allocations: median(func(r result) float64 { return r.allocations }),
		bytes:       median(func(r result) float64 { return r.bytes }),
	}
}
