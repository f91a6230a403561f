package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"ibarura/internal/config"
	"ibarura/internal/spool"
)

type spoolCmd struct {
	Inspect spoolInspect `cmd:"" help:"Read the spool and say what is in it. Changes nothing, and works beside a running server."`
}

// spoolInspect ends with status 1 if the spool has a damaged place.
type spoolInspect struct {
	config.Config

	Path    string `arg:"" optional:"" name:"dir" type:"path" help:"Folder of the spool. Left out: spool.dir, or spool in data-dir."`
	Records bool   `name:"records" help:"List every record, too."`
	JSON    bool   `name:"json" help:"Write JSON: the report on one line, with --records behind a line for each record."`
}

// statusDamaged is the exit status of an inspection that found damage.
const statusDamaged = exitStatus(1)

func (i *spoolInspect) Run(ctx context.Context) error {
	dir := i.Path
	if dir == "" {
		dir = i.SpoolDir()
	}
	out := bufio.NewWriter(os.Stdout)
	report, err := spool.Inspect(ctx, nil, dir, i.lister(out))
	if err == nil {
		err = i.print(out, report)
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("spool inspect: %w", err)
	}
	if report.CorruptAll > 0 {
		return statusDamaged
	}
	return nil
}

// lister returns what prints each record, nil if they are not asked for.
func (i *spoolInspect) lister(out io.Writer) func(spool.RecordReport) error {
	if !i.Records {
		return nil
	}
	if i.JSON {
		enc := json.NewEncoder(out)
		return func(r spool.RecordReport) error { return enc.Encode(r) }
	}
	return func(r spool.RecordReport) error {
		_, err := fmt.Fprintf(out, "%d-%d table %d month %s rows %d seq %d bytes %d written %s\n",
			r.At, r.End, r.Table, r.Month, r.Rows, r.Seq, r.Stored, r.Written.Format(time.RFC3339Nano))
		return err
	}
}

func (i *spoolInspect) print(out io.Writer, r *spool.Report) error {
	if i.JSON {
		return json.NewEncoder(out).Encode(r)
	}
	printSpool(out, r)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	printSegments(t, r.Segments)
	printTables(t, r.Tables)
	if err := t.Flush(); err != nil {
		return err
	}
	printDamage(out, r)
	return nil
}

func printSpool(out io.Writer, r *spool.Report) {
	_, _ = fmt.Fprintf(out, "spool %s, number %d, format %d\n", r.ID, r.Number, r.Format)
	_, _ = fmt.Fprintf(out, "positions %d to %d, %d segments, %s on disk\n",
		r.First, r.End, len(r.Segments), config.Bytes(r.DiskBytes))
	_, _ = fmt.Fprintf(out, "%d records with %d rows in %d groups", r.Records, r.Rows, r.Groups)
	if r.Oldest != nil {
		_, _ = fmt.Fprintf(out, ", written from %s to %s", r.Oldest.Format(time.RFC3339), r.Newest.Format(time.RFC3339))
	}
	_, _ = fmt.Fprintln(out)
}

func printSegments(out io.Writer, segments []spool.SegmentReport) {
	_, _ = fmt.Fprint(out, "\nsegment\tfrom\tto\tbytes\tgroups\trecords\trows\tdamaged\tcreated\t\n")
	for _, s := range segments {
		created := "header damaged"
		if s.Created != nil {
			created = s.Created.Format(time.RFC3339)
		}
		_, _ = fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t\n",
			s.File, s.First, s.End, s.Bytes, s.Groups, s.Records, s.Rows, s.Damaged, created)
	}
}

func printTables(out io.Writer, tables []spool.TableReport) {
	if len(tables) == 0 {
		return
	}
	_, _ = fmt.Fprint(out, "\ntable\tmonth\trecords\trows\tstored bytes\traw bytes\t\n")
	for _, t := range tables {
		_, _ = fmt.Fprintf(out, "%d\t%s\t%d\t%d\t%d\t%d\t\n", t.Table, t.Month, t.Records, t.Rows, t.Stored, t.Raw)
	}
}

func printDamage(out io.Writer, r *spool.Report) {
	if r.TailBytes > 0 {
		_, _ = fmt.Fprintf(out, "\n%d bytes behind the last whole group: being written, or torn by a crash; the next start cuts them off\n", r.TailBytes)
	}
	if r.CorruptAll > 0 {
		_, _ = fmt.Fprintf(out, "\n%d bytes are damaged:\n", r.CorruptAll)
	}
	for _, c := range r.Corrupt {
		_, _ = fmt.Fprintf(out, "  %s from %d to %d\n", c.File, c.From, c.To)
	}
	for _, name := range r.SetAside {
		_, _ = fmt.Fprintf(out, "set aside: %s\n", name)
	}
}
