package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"ibarura/internal/bench/markdown"
	"ibarura/internal/bench/proc"
)

// storage prints what the rows take on the disk, by table.
func (b *bench) storage(ctx context.Context) error {
	var events float64
	if err := b.server.Engine.Row(ctx, "SELECT count() FROM ibarura.events", &events); err != nil {
		return err
	}
	text, err := b.server.Engine.Query(ctx, `SELECT table, sum(rows), sum(bytes_on_disk), sum(data_uncompressed_bytes), count()
		FROM system.parts WHERE database = 'ibarura' AND active AND rows > 0 GROUP BY table ORDER BY sum(bytes_on_disk) DESC`)
	if err != nil {
		return err
	}
	fmt.Printf("\n### On the disk\n\nBytes an event: the table's size over the events of the year.\n")
	t := markdown.New("table:", "rows", "MB", "MB uncompressed", "parts", "bytes an event")
	total := 0.0
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		var table string
		var rows, bytes, plain float64
		var parts int
		if _, err := fmt.Sscan(lines.Text(), &table, &rows, &bytes, &plain, &parts); err != nil {
			return err
		}
		total += bytes
		t.Add(table, thousands(rows), megabytes(bytes), megabytes(plain), parts, fmt.Sprintf("%.1f", bytes/events))
	}
	t.Add("all", "", megabytes(total), "", "", fmt.Sprintf("%.1f", total/events))
	return t.Print(os.Stdout)
}

// printMemory prints what the engine had resident, and the dearest query.
func (b *bench) printMemory(ctx context.Context, m proc.Memory) error {
	var limit, query float64
	if err := b.server.Engine.Row(ctx, "SELECT value FROM system.server_settings WHERE name = 'max_server_memory_usage'", &limit); err != nil {
		return err
	}
	if _, err := b.server.Engine.Query(ctx, "SYSTEM FLUSH LOGS"); err != nil {
		return err
	}
	err := b.server.Engine.Row(ctx, "SELECT max(memory_usage) FROM system.query_log WHERE type = 'QueryFinish' AND user = 'ibarura_reader'", &query)
	if err != nil {
		return err
	}
	fmt.Printf("\nThe engine had %s MB resident at most, %s MB in the median; its limit is %s MB. The dearest statement of a question took %s MB.\n",
		megabytes(float64(m.Max)), megabytes(float64(m.Median)), megabytes(limit), megabytes(query))
	return nil
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond)) }

func megabytes[T float64 | uint64](bytes T) string { return thousandths(float64(bytes) / 1e6) }

// thousandths shows small numbers with a digit behind the point.
func thousandths(x float64) string {
	if x < 10 {
		return fmt.Sprintf("%.1f", x)
	}
	return thousands(x)
}

func thousands(x float64) string {
	digits := fmt.Sprintf("%.0f", x)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
