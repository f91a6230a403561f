package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"ibarura/internal/bench/markdown"
	"ibarura/internal/bench/proc"
	"ibarura/internal/bench/server"
)

// spent is CPU time by process.
type spent struct{ generator, serve, engine time.Duration }

func (b *bench) spent() spent {
	return spent{proc.Self(), proc.CPU(b.server.PID()), proc.CPU(b.server.EnginePIDs()...)}
}

func (s spent) since(before spent) spent {
	return spent{s.generator - before.generator, s.serve - before.serve, s.engine - before.engine}
}

// whereTimeGoes loads once into a server that writes a CPU profile, and whose
// engine notes what each view costs.
func (b *bench) whereTimeGoes(ctx context.Context) error {
	profile := b.o.Profile
	if profile == "" {
		profile = filepath.Join(b.dir, "cpu.pprof")
	}
	var r round
	var engine engineCosts
	err := b.withServer(ctx, server.Options{Profile: profile, LogCosts: true}, func(ctx context.Context) error {
		// What is made and compiled once is out of the way before.
		if _, err := b.measure(ctx, b.ours, ourBatch, b.ours.connections, amount{rows: bulkBatch}); err != nil {
			return err
		}
		var err error
		r, engine, err = b.watched(ctx)
		return err
	})
	if err != nil {
		return err
	}
	parts, err := readProfile(profile)
	if err != nil {
		return err
	}
	return printCosts(r, engine, parts)
}

// watched measures a round and what it costs the engine.
func (b *bench) watched(ctx context.Context) (round, engineCosts, error) {
	if err := forgetQueries(ctx, b.server.Engine); err != nil {
		return round{}, engineCosts{}, err
	}
	r, err := b.measure(ctx, b.ours, ourBatch, b.ours.connections, amount{rows: b.o.Rows})
	if err != nil {
		return r, engineCosts{}, err
	}
	engine, err := readEngineCosts(ctx, b.server.Engine)
	return r, engine, err
}

// printCosts writes one table, from the generator to the last view. The profile
// covers the server's whole life; its shares are taken for those of the round.
func printCosts(r round, engine engineCosts, parts []part) error {
	used := r.used
	total := used.generator + used.serve + used.engine
	fmt.Printf("\n### Where a microsecond a row goes\n\n%s events, %d a request, %s rows/s: CPU time of all processes, of %d cores %.0f%% busy.\n",
		thousands(float64(r.Rows)), ourBatch, thousands(r.rate), runtime.NumCPU(),
		100*total.Seconds()/r.took.Seconds()/float64(runtime.NumCPU()))
	t := markdown.New("where:", "µs a row", "%")
	add := func(name string, d time.Duration) {
		t.Add(name, fmt.Sprintf("%.2f", float64(d)/float64(time.Microsecond)/float64(r.Rows)), fmt.Sprintf("%.1f", 100*d.Seconds()/total.Seconds()))
	}
	add("**load generator**", used.generator)
	add("**serve**", used.serve)
	for _, p := range parts {
		add("serve: "+p.name, time.Duration(p.share*float64(used.serve)))
	}
	add("**engine**", used.engine)
	add("engine: inserts, the raw table", engine.raw())
	for _, v := range engine.views {
		add("engine: view "+v.name, v.cpu)
	}
	for _, m := range engine.merges {
		add("engine: merges of "+m.name, m.cpu)
	}
	add("engine: everything else", max(0, used.engine-engine.inserts-sum(engine.merges)))
	add("**sum**", total)
	return t.Print(os.Stdout)
}
