package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"ibarura/internal/bench/markdown"
	"ibarura/internal/bench/proc"
)

// insertSettings are the settings that decide how fast a bulk insert is, beside
// those in the statements.
const insertSettings = `SELECT name || '=' || value FROM system.settings WHERE name IN
	('insert_deduplicate', 'deduplicate_blocks_in_dependent_materialized_views', 'max_insert_block_size',
	 'min_insert_block_size_rows', 'min_insert_block_size_bytes', 'max_insert_threads', 'input_format_parallel_parsing',
	 'parallel_view_processing', 'max_threads', 'fsync_metadata', 'async_insert_max_data_size',
	 'async_insert_busy_timeout_max_ms') ORDER BY name`

// describe prints what is about to be measured.
func (b *bench) describe(ctx context.Context) error {
	version, err := b.server.Engine.Query(ctx, "SELECT version()")
	if err != nil {
		return err
	}
	settings, err := b.server.Engine.Query(ctx, insertSettings)
	if err != nil {
		return err
	}
	when := "live traffic"
	if b.o.Days > 0 {
		when = fmt.Sprintf("spread over %d days", b.o.Days)
	}
	fmt.Printf("ClickHouse %s, %d cores; events: %s\n", version, runtime.NumCPU(), when)
	fmt.Printf("reference: %s\n  with %s\n", bulkInsert, strings.Join(strings.Fields(settings), " "))
	return nil
}

// sideBySide measures the ways in turn, each at its best number of connections.
func (b *bench) sideBySide(ctx context.Context) error {
	if !b.o.wants(ratioSection, asyncSection, peerSection, latencySection, cpuSection) {
		return nil
	}
	for _, w := range b.ways {
		if err := b.choose(ctx, w); err != nil {
			return err
		}
	}
	if !b.o.wants(ratioSection, asyncSection, peerSection, latencySection) {
		return nil
	}
	for range b.o.Rounds {
		for _, w := range b.ways {
			r, err := b.measure(ctx, w, w.batch, w.connections, amount{rows: b.o.Rows, time: b.o.Longest})
			if err != nil {
				return err
			}
			w.rounds = append(w.rounds, r)
		}
	}
	return errors.Join(b.printSides(), b.tellAsync(ctx))
}

func (b *bench) printSides() error {
	fmt.Printf("\n### Side by side\n\n%d rounds a way, in turn, of %s events or %s, until the last row can be queried.\n",
		b.o.Rounds, thousands(float64(b.o.Rows)), b.o.Longest)
	t := markdown.New("way in:", "acknowledged rows are:", "the same rows again are:", "views:", "rows a request", "connections",
		"rows/s by round:", "median", "of its process, MB resident, max and median")
	for _, w := range b.ways {
		t.Add(w.name, w.promise.acknowledged, w.promise.again, w.promise.views, thousands(float64(w.batch)), w.connections,
			w.rates(), thousands(w.median()), w.memoryText())
	}
	if err := t.Print(os.Stdout); err != nil {
		return err
	}
	for _, w := range b.ways {
		if n := w.turnedAway(); n > 0 {
			fmt.Printf("%s: %d requests were turned away and sent again.\n", w.name, n)
		}
	}
	return nil
}

// queued counts the inserts that went through ClickHouse's asynchronous queue.
const queued = "SELECT sum(value) FROM system.events WHERE event = 'AsyncInsertQuery'"

// tellAsync says so if the engine has taken asynchronous inserts for plain
// ones: the library, unlike a server, has no queue for them.
func (b *bench) tellAsync(ctx context.Context) error {
	if b.async == nil {
		return nil
	}
	var inserts int
	if err := b.server.Engine.Row(ctx, queued, &inserts); err != nil {
		return err
	}
	if inserts == 0 {
		fmt.Printf("This engine has no queue for asynchronous inserts: it carried them out at once, as plain inserts of %d rows.\n", ourBatch)
	}
	return nil
}

// printRatios ends the report: the ratio to the bulk insert is its last line.
func (b *bench) printRatios() {
	for _, r := range []struct {
		name string
		to   *way
	}{
		{"ratio to the collector", b.peer},
		{"ratio to bulk inserts of 10 MiB", b.collected},
		{"ratio to async insert", b.async},
		{"ratio", b.bulk},
	} {
		if r.to != nil {
			fmt.Printf("%s: %.2f\n", r.name, b.ways[0].median()/r.to.median())
		}
	}
}

func (w *way) median() float64 {
	var rates []float64
	for _, r := range w.rounds {
		rates = append(rates, r.rate)
	}
	slices.Sort(rates)
	n := len(rates)
	return (rates[(n-1)/2] + rates[n/2]) / 2
}

func (w *way) rates() string {
	var texts []string
	for _, r := range w.rounds {
		texts = append(texts, thousands(r.rate))
	}
	return strings.Join(texts, " · ")
}

// memory is the largest of the rounds, and the median of their medians.
func (w *way) memory() proc.Memory {
	var all proc.Memory
	var medians []int64
	for _, r := range w.rounds {
		all.Max = max(all.Max, r.memory.Max)
		medians = append(medians, r.memory.Median)
	}
	slices.Sort(medians)
	all.Median = medians[len(medians)/2]
	return all
}

func (w *way) turnedAway() int {
	n := 0
	for _, r := range w.rounds {
		n += r.TurnedAway
	}
	return n
}

func (w *way) memoryText() string {
	if len(w.pids) == 0 {
		return "-"
	}
	return memoryText(w.memory())
}

func memoryText(m proc.Memory) string { return megabytes(m.Max) + ", " + megabytes(m.Median) }

func megabytes(n int64) string { return fmt.Sprintf("%.0f", float64(n)/1e6) }

// thousands writes a number without a fraction, in groups of three digits.
func thousands(x float64) string {
	digits := fmt.Sprintf("%.0f", x)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
