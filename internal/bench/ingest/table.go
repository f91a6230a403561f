package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

// describe prints what is about to be compared.
func (b *bench) describe(ctx context.Context) error {
	version, err := b.engine.query(ctx, "SELECT version()", nil)
	if err != nil {
		return err
	}
	settings, err := b.engine.query(ctx, insertSettings, nil)
	if err != nil {
		return err
	}
	when := "live traffic"
	if b.o.Days > 0 {
		when = fmt.Sprintf("spread over %d days", b.o.Days)
	}
	fmt.Printf("ClickHouse %s, %d cores; %d rounds of %d events a side, %s; all tables and views of the schema\n",
		version, runtime.NumCPU(), b.o.Rounds, b.o.Rows, when)
	fmt.Printf("reference: %s\n  with %s\n", bulkInsert, strings.Join(strings.Fields(settings), " "))
	return nil
}

// print writes the table and, as its last line, the ratio.
func (b *bench) print(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprint(table, "\nrows/s by round\t")
	for n := range b.o.Rounds {
		_, _ = fmt.Fprintf(table, "%d\t", n+1)
	}
	_, _ = fmt.Fprint(table, "median\tconnections\tserve, MB resident\t\n")
	for i, s := range b.sides {
		memory := "-" // it does nothing while the reference runs
		if i == 0 {
			memory = megabytes(s.resident())
		}
		_, _ = fmt.Fprintf(table, "%s\t", s.name)
		for _, r := range s.rounds {
			_, _ = fmt.Fprintf(table, "%.0f\t", r.rate)
		}
		_, _ = fmt.Fprintf(table, "%.0f\t%d\t%s\t\n", s.median(), s.connections, memory)
	}
	_ = table.Flush()
	for _, s := range b.sides {
		for n, r := range s.rounds {
			if r.notes != "" {
				_, _ = fmt.Fprintf(out, "round %d, %s: %.1f s, %s\n", n+1, s.name, r.took.Seconds(), r.notes)
			}
		}
	}
	_, _ = fmt.Fprintf(out, "ratio: %.2f\n", b.sides[0].median()/b.sides[1].median())
}

func (s *side) median() float64 {
	var rates []float64
	for _, r := range s.rounds {
		rates = append(rates, r.rate)
	}
	slices.Sort(rates)
	n := len(rates)
	return (rates[(n-1)/2] + rates[n/2]) / 2
}

func (s *side) resident() int64 {
	most := int64(0)
	for _, r := range s.rounds {
		most = max(most, r.resident)
	}
	return most
}

func megabytes(n int64) string {
	if n == 0 {
		return "?"
	}
	return fmt.Sprintf("%.0f", float64(n)/1e6)
}
