package community

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Database runs one statement as the writer, with the raw tables as the default
// database. Parameters are bound by the server; settings are the statement's
// own. It is called by several goroutines at once.
type Database interface {
	Run(ctx context.Context, sql string, params, settings map[string]string) error
}

// settings make few and large blocks. A worker is a core, so that one statement
// needs no threads of its own; and nothing is repeated, so that no block needs
// to be remembered.
var settings = map[string]string{
	"max_threads": "1", "max_insert_threads": "1", "async_insert": "0", "insert_deduplicate": "0",
	"max_insert_block_size": "1048576", "min_insert_block_size_rows": "1048576", "min_insert_block_size_bytes": "1073741824",
	"max_partitions_per_insert_block": "0",
}

// Build makes the history in tables that have no rows of the project yet.
// progress is called after each statement with how many of all are done, by
// several goroutines at once. After an error the history is not whole.
func Build(ctx context.Context, db Database, o Options, progress func(done, all int)) error {
	if err := o.check(); err != nil {
		return err
	}
	for sql := range strings.SplitSeq(strings.TrimSpace(text("tables")), ";\n") {
		if err := db.Run(ctx, sql, nil, nil); err != nil {
			return fmt.Errorf("community: %w", err)
		}
	}
	if err := newPlan(o).run(ctx, db, progress); err != nil {
		return err
	}
	if err := db.Run(ctx, "DROP DATABASE bench SYNC", nil, nil); err != nil {
		return fmt.Errorf("community: %w", err)
	}
	return nil
}

func (p plan) run(ctx context.Context, db Database, progress func(done, all int)) error {
	all := 0
	for _, stage := range p {
		all += len(stage)
	}
	var done atomic.Int64
	for _, stage := range p {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(runtime.NumCPU())
		for _, j := range stage {
			group.Go(func() error {
				if err := db.Run(ctx, text(j.file), j.params, settings); err != nil {
					return fmt.Errorf("community: %s: %w", j.file, err)
				}
				progress(int(done.Add(1)), all)
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// Version names what is made for some options: two builds with equal ones have
// the same rows. It changes with every file.
func Version() []byte {
	var all []byte
	entries, err := files.ReadDir("sql")
	if err != nil {
		panic(err) // embedded
	}
	for _, entry := range entries {
		all = append(all, text(strings.TrimSuffix(entry.Name(), ".sql"))...)
	}
	return fmt.Appendf(all, "%v %d %v %v", hours, slots, weekend, growth)
}
