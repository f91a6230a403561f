package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"ibarura/internal/bench/proc"
	"ibarura/internal/bench/server"
	"ibarura/internal/report"
)

// bench is what the sections share.
type bench struct {
	o      *options
	server *server.Server
	client *client
	bare   *bare
	raw    *report.Service // answers from raw rows
	asked  []*result
	wrong  []error // questions that had no answer, or another one than raw rows
}

func newBench(o *options) (*bench, error) {
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		return nil, err
	}
	list, err := questions(zone, o.Paths)
	if err != nil {
		return nil, err
	}
	b := &bench{o: o}
	for _, q := range list {
		b.asked = append(b.asked, &result{question: q})
	}
	return b, nil
}

// served runs a part of the benchmark on a server over a folder.
func (b *bench) served(ctx context.Context, dir string, part func(context.Context) error, args ...string) error {
	s, err := server.Start(ctx, server.Options{Binary: b.o.Binary, Dir: dir, Args: append([]string{inZone}, args...)})
	if err != nil {
		return err
	}
	b.server, b.client = s, newClient(s, b.o.Readers+1)
	return errors.Join(part(ctx), s.Stop())
}

// measure is the table of contents of the report.
func (b *bench) measure(ctx context.Context) error {
	var err error
	if b.bare, err = openBare(b.server, filepath.Join(b.server.Dir, "data")); err != nil {
		return err
	}
	defer func() { _ = b.bare.conn.Close() }()
	b.raw = report.New(b.bare, time.Now, report.DefaultLimits()).FromRaw()
	watch := proc.WatchMemory(b.server.EnginePIDs()...)
	err = b.sections(ctx)
	memory := watch.Stop()
	if err != nil {
		return err
	}
	return b.printMemory(ctx, memory)
}

func (b *bench) sections(ctx context.Context) error {
	if err := b.describe(ctx); err != nil {
		return err
	}
	for _, part := range []struct {
		section string
		run     func(context.Context) error
	}{
		{storageSection, b.storage}, {questionsSection, b.alone}, {readersSection, b.atOnce}, {ingestSection, b.whileIngesting},
	} {
		if !b.o.wants(part.section) {
			continue
		}
		if err := part.run(ctx); err != nil {
			return err
		}
	}
	if !b.o.wants(readersSection) && !b.o.wants(ingestSection) {
		return nil
	}
	return b.printUnderLoad()
}

// describe prints what is about to be measured.
func (b *bench) describe(ctx context.Context) error {
	var version string
	var events, pages, persons int
	err := b.server.Engine.Row(ctx, `SELECT version(), (SELECT count() FROM ibarura.events), (SELECT count() FROM ibarura.page_views),
		(SELECT uniqExact(person) FROM ibarura.persons)`, &version, &events, &pages, &persons)
	if err != nil {
		return err
	}
	fmt.Printf("ClickHouse %s, %d cores; %s events, %s page views, %s persons, %s to %s, zone %s\n", version, runtime.NumCPU(),
		thousands(float64(events)), thousands(float64(pages)), thousands(float64(persons)),
		yearBegins.Format(time.DateOnly), yearEnds.Format(time.DateOnly), zoneName)
	fmt.Printf("reference: the statements that the endpoint runs, with its parameters, by clickhouse-go alone; p50 of them × 1.2 + 1 ms\n")
	return nil
}

// conclude prints the last line, and returns what went wrong.
func (b *bench) conclude() error {
	worst, ratio := "", 0.0
	for _, r := range b.asked {
		if r.bare == nil {
			continue
		}
		if n := r.ratio(); n > ratio {
			worst, ratio = r.name(), n
		}
	}
	if worst != "" {
		fmt.Printf("\nThe worst ratio of an endpoint's p50 to that of its statements × 1.2 + 1 ms: %s\nratio: %.2f\n", worst, ratio)
	}
	return errors.Join(b.wrong...)
}
