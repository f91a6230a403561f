// Command ibarura is the whole product in one binary: the server and the tools
// around it. It alone sees every package; main parses, runs and waits.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones must be the same on every machine

	"github.com/alecthomas/kong"

	"ibarura/internal/config"
)

type cli struct {
	Serve      serveCmd      `cmd:"" help:"Run the service: with the embedded ClickHouse, or against --clickhouse.addr."`
	Migrate    migrateCmd    `cmd:"" help:"Look at the schema or change it. serve applies what is pending by itself."`
	Keys       keysCmd       `cmd:"" help:"Create, list, show and revoke API keys and their projects."`
	Import     importCmd     `cmd:"" help:"Post a file of events, page views or access log lines to a running server."`
	Export     exportCmd     `cmd:"" help:"Bring raw events or page views of a running server into a file, with a manifest."`
	Loadgen    loadgenCmd    `cmd:"" help:"Post realistic community traffic to a running server."`
	Engine     engineCmd     `cmd:"" help:"Fetch the embedded ClickHouse, or run it as serve's child."`
	Spool      spoolCmd      `cmd:"" help:"Look into the spool, the durable log of what was acknowledged."`
	Quarantine quarantineCmd `cmd:"" help:"List, retry or give up the rows that ClickHouse refuses."`
	Erase      eraseCmd      `cmd:"" help:"Forget a person: in raw, aggregates, quarantine and spools, with a receipt."`
	Verify     verifyCmd     `cmd:"" help:"Hold every aggregate against the raw rows, exactly, also while rows are loaded. Exit status 0: equal; 1: something differs; 2: it could not be told."`
	Rebuild    rebuildCmd    `cmd:"" help:"Make aggregates anew from the raw rows, also while rows are loaded. It may be repeated after any error."`
	Retention  retentionCmd  `cmd:"" help:"Say how long rows of a project are kept: raw, people, counts."`
	Jobs       jobsCmd       `cmd:"" help:"Show what is done by schedule, or do it now."`
	Report     reportCmd     `cmd:"" help:"Reports by e-mail: who gets them, when, what they look like; send them."`
	Loaders    loadersCmd    `cmd:"" help:"List the loaders that share a ClickHouse, or forget one that is gone for ever."`
	Config     configCmd     `cmd:"" help:"Print the effective configuration as YAML, secrets masked."`
	Health     healthCmd     `cmd:"" help:"Ask a running server whether it is ready; exit status 1 if it is not."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

func main() { os.Exit(run(os.Args[1:])) }

// run parses and runs one command and returns the exit status: 0 done, 1
// failed, 2 cannot be understood, or what the command says.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	options := append(config.Options(),
		kong.Name("ibarura"),
		kong.Description("Product analytics on ClickHouse: events in, exact answers out."),
		kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	parser, err := kong.New(&c, options...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "ibarura:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "ibarura:", err)
		return 2
	}
	if err := command.Run(); err != nil {
		var status exitStatus
		if errors.As(err, &status) {
			return int(status)
		}
		fmt.Fprintln(os.Stderr, "ibarura:", err)
		return 1
	}
	return 0
}

// exitStatus is an error that has been told already and only sets the status.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }
