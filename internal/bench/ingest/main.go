// Command ingest measures how fast events are taken in over HTTP, 500 a
// request, against ClickHouse's own bulk insert, 50,000 rows a request of the
// same events into the same tables with the same views. It starts the real
// thing, drives each way in at the number of connections that suits it best, in
// turn, and prints the ratio of the medians as its last line. Next to it:
// ClickHouse's asynchronous insert, a peer, latency, memory, other sizes of
// requests and numbers of connections, and where the time goes.
//
// It stands beside the way from POST to chart, with a stopwatch. Run it in the
// root of the checkout: go run ./internal/bench/ingest
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"ibarura/internal/bench/peer"
	"ibarura/internal/bench/server"
)

type options struct {
	Only    []string      `default:"ratio,async,peer,latency,batch,connections,single,cpu" help:"Sections to run: ratio, async (ClickHouse's asynchronous insert), peer (the OpenTelemetry collector, which is built once), latency, batch, connections, single (one event a request) and cpu (where the time goes)."`
	Rounds  int           `default:"5" help:"Rounds a way; medians are compared."`
	Rows    int           `default:"1000000" help:"Rows a round, a multiple of 50,000. Section cpu takes as many."`
	Trial   int           `default:"500000" help:"Rows of a trial, by which each way's number of connections is chosen. A multiple of 50,000."`
	Longest time.Duration `default:"20s" help:"Time after which a round ends early, and a trial after a quarter of it: a slow way sends fewer rows."`
	Step    time.Duration `default:"5s" help:"How long each step of the sections batch, connections and single takes, and six times as long the one of latency."`

	Connections      []int `default:"2,4,8,16,32,64" help:"Numbers of connections to try, for ibarura."`
	BulkConnections  []int `default:"1,2,4,8" help:"For ClickHouse's bulk insert."`
	AsyncConnections []int `default:"16,64,128,256" help:"For ClickHouse's asynchronous insert."`
	PeerConnections  []int `default:"2,4,8,16" help:"For the collector."`

	Days    int    `default:"0" help:"Spread the events over so many days. 0: live traffic, all of one moment."`
	Load    int    `default:"50" help:"Load of the second part of section latency, in percent of the highest rate."`
	Binary  string `type:"existingfile" help:"The ibarura to measure. Empty: built from this checkout."`
	Profile string `type:"path" help:"Keep the CPU profile of section cpu in this file. Empty: it is thrown away."`
}

// The sections of the report.
const (
	ratioSection       = "ratio"
	asyncSection       = "async"
	peerSection        = "peer"
	latencySection     = "latency"
	batchSection       = "batch"
	connectionsSection = "connections"
	singleSection      = "single"
	cpuSection         = "cpu"
)

var sections = []string{ratioSection, asyncSection, peerSection, latencySection, batchSection, connectionsSection, singleSection, cpuSection}

const (
	ourBatch  = 500
	bulkBatch = 50_000
	// collectedBatch is 10 MiB, at about 440 bytes a row.
	collectedBatch = 23_800

	maxConnections = 2000
)

func main() {
	var o options
	kong.Parse(&o)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, &o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-ingest:", err)
		os.Exit(1)
	}
}

func (o *options) check() error {
	if o.Rounds < 1 || o.Rows <= 0 || o.Rows%bulkBatch != 0 || o.Trial <= 0 || o.Trial%bulkBatch != 0 {
		return fmt.Errorf("rounds is at least 1, rows and trial are multiples of %d", bulkBatch)
	}
	if o.Step <= 0 || o.Longest <= 0 || o.Load < 1 || o.Load > 100 {
		return errors.New("step and longest are more than 0, load is 1 to 100")
	}
	for _, n := range slices.Concat(o.Connections, o.BulkConnections, o.AsyncConnections, o.PeerConnections) {
		if n < 1 || n > maxConnections {
			return fmt.Errorf("connections are 1 to %d", maxConnections)
		}
	}
	for _, name := range o.Only {
		if !slices.Contains(sections, name) {
			return fmt.Errorf("there is no section %q, only %s", name, strings.Join(sections, ", "))
		}
	}
	return nil
}

// wants reports whether one of the sections is to be run.
func (o *options) wants(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(o.Only, name) })
}

// run is the table of contents of the report.
func run(ctx context.Context, o *options) error {
	if err := o.check(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "ibarura-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{o: o, dir: dir, binary: o.Binary}
	if b.binary == "" {
		if b.binary, err = server.Build(ctx, dir); err != nil {
			return err
		}
	}
	if o.wants(peerSection) {
		if b.peerBinary, err = peer.Build(ctx); err != nil {
			return err
		}
	}
	if err := b.withServer(ctx, server.Options{}, b.compare); err != nil {
		return err
	}
	if o.wants(cpuSection) {
		if err := b.whereTimeGoes(ctx); err != nil {
			return err
		}
	}
	b.printRatios()
	return nil
}
