package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"ibarura/internal/config"
	"ibarura/internal/repair"
)

type verifyCmd struct {
	config.Config
	portion
	JSON     bool `name:"json" help:"Print one JSON object."`
	Examples bool `name:"examples" help:"Print some of the rows that differ, up to 20 a period. They may hold ids of users and what they did."`
}

// The exit statuses of verify.
const (
	statusDrift    exitStatus = 1
	statusCouldNot exitStatus = 2
)

// Run ends with status 1 if something differs, 2 if that cannot be told.
func (v *verifyCmd) Run(ctx context.Context) error {
	months, err := v.months()
	if err != nil {
		return err
	}
	var tables []repair.Table
	err = withRepairer(ctx, &v.Config, func(r *repair.Repairer) error {
		tables, err = r.Verify(ctx, repair.Question{Tables: v.tables(), Range: months, Project: v.ForProject})
		return err
	})
	if err == nil {
		err = v.print(os.Stdout, tables)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "ibarura:", err)
		return statusCouldNot
	}
	for _, t := range tables {
		if t.Differing > 0 {
			return statusDrift
		}
	}
	return nil
}

// verdict is what verify --json prints.
type verdict struct {
	Equal  bool           `json:"equal"`
	Tables []repair.Table `json:"tables"`
}

func (v *verifyCmd) print(out io.Writer, tables []repair.Table) error {
	if v.JSON {
		all := verdict{Equal: true, Tables: tables}
		for _, t := range tables {
			all.Equal = all.Equal && t.Differing == 0
		}
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(all)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "TABLE\tROWS\tPERIODS\tDIFFERING ROWS")
	for _, t := range tables {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%d\t%d\n", t.Table, t.Rows, t.Periods, t.Differing)
	}
	return errors.Join(table.Flush(), v.printDrifts(out, tables))
}

func (v *verifyCmd) printDrifts(out io.Writer, tables []repair.Table) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	heading := "\nTABLE\tPROJECT\tPERIOD\tDIFFERING ROWS\n"
	for _, t := range tables {
		for _, d := range t.Drifts {
			_, _ = fmt.Fprintf(table, "%s%s\t%s\t%s\t%d\n", heading, t.Table, d.Project, d.Period, d.Differing)
			heading = ""
			for _, e := range d.Examples {
				if v.Examples {
					_, _ = fmt.Fprintf(table, "  %s\n", e)
				}
			}
		}
	}
	return table.Flush()
}
