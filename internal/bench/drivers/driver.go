package main

import (
	"context"
	"errors"

	"ibarura/internal/bench/server"
	"ibarura/internal/event"
)

// driver sends blocks of rows over one connection.
type driver interface {
	name() string
	// insert writes the rows as one block with the given seq.
	insert(ctx context.Context, table string, rows []event.Row, seq uint64) error
	close() error
}

// open connects both; the reference comes first.
func open(ctx context.Context, e *server.Engine) ([]driver, error) {
	batch, err := openBatch(e)
	if err != nil {
		return nil, err
	}
	columns, err := openColumns(ctx, e)
	if err != nil {
		return nil, errors.Join(err, batch.close())
	}
	return []driver{batch, columns}, nil
}

func closeAll(drivers []driver) error {
	var errs []error
	for _, d := range drivers {
		errs = append(errs, d.close())
	}
	return errors.Join(errs...)
}
