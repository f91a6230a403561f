// Command live measures what readers of the live view cost ingest: events are
// posted, 500 a request, with nobody watching and with thousands of readers over
// SSE and WebSocket, in turn, on one server. It prints both rates, the resident
// memory of serve, and the ratio of the medians as its last line.
//
// It stands beside the way from POST to chart, with a stopwatch. Run it in the
// root of the checkout: go run ./internal/bench/live
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"

	"ibarura/internal/bench/server"
)

type options struct {
	Readers     int    `default:"5000" help:"Readers, half of them over SSE and half over WebSocket."`
	Rounds      int    `default:"5" help:"Rounds with and without readers; medians are compared."`
	Rows        int    `default:"1000000" help:"Rows a round."`
	Connections int    `default:"16" help:"Connections that post."`
	Profile     string `type:"path" help:"Keep a CPU profile of serve in this file. Empty: none."`
	Binary      string `type:"existingfile" help:"The ibarura to measure. Empty: built from this checkout."`
}

func main() {
	var o options
	kong.Parse(&o)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, &o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-live:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o *options) error {
	if o.Readers < 1 || o.Rounds < 1 || o.Rows < batch || o.Connections < 1 {
		return fmt.Errorf("readers, rounds and connections are at least 1, rows at least %d", batch)
	}
	dir, err := os.MkdirTemp("", "ibarura-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := o.Binary
	if binary == "" {
		if binary, err = server.Build(ctx, dir); err != nil {
			return err
		}
	}
	s, err := server.Start(ctx, server.Options{Binary: binary, Dir: filepath.Join(dir, "server"), Profile: o.Profile, Args: []string{"--log.level=warn"}})
	if err != nil {
		return err
	}
	b := &bench{o: o, server: s}
	return errors.Join(b.run(ctx), s.Stop())
}
