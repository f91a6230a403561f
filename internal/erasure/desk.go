package erasure

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ibarura/internal/clickhouse"
)

// MaxOpen bounds the orders of a project that are not finished: each of them costs
// a look into everything.
const MaxOpen = 100

// ErrTooManyOpen means that MaxOpen is reached; the order was not placed.
var ErrTooManyOpen = errors.New("too many erasures of the project are not finished")

// Desk takes orders and shows receipts to those who may not see other projects.
type Desk struct{ Orders Orders }

// Place orders an erasure, or finds the same one that is not finished, and
// returns its receipt as it stands. It does not wait: any running server goes on.
// It returns an ErrInvalid or ErrTooManyOpen if it did not.
func (d Desk) Place(ctx context.Context, r Request) (Receipt, error) {
	if err := r.check(); err != nil {
		return Receipt{}, err
	}
	all, err := d.Orders.List(ctx)
	if err != nil {
		return Receipt{}, fmt.Errorf("list erasures: %w", err)
	}
	persons, _ := r.persons()
	if open := openOf(all, r.Project); len(open) >= MaxOpen && !slices.ContainsFunc(open, func(o clickhouse.Erasure) bool { return r.asks(o, persons) }) {
		return Receipt{}, ErrTooManyOpen
	}
	o, err := Place(ctx, d.Orders, r)
	if err != nil {
		return Receipt{}, fmt.Errorf("order an erasure: %w", err)
	}
	return ReceiptOf(o)
}

func openOf(all []clickhouse.Erasure, project string) []clickhouse.Erasure {
	return slices.DeleteFunc(slices.Clone(all), func(o clickhouse.Erasure) bool {
		return o.Project != project || o.State == clickhouse.ErasureFinished
	})
}

// Receipts returns those of a project, the newest first, at most so many. They
// name nobody, not even by hashes of ids.
func (d Desk) Receipts(ctx context.Context, project string, most int) ([]Receipt, error) {
	all, err := d.Orders.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list erasures: %w", err)
	}
	list := []Receipt{}
	for _, o := range slices.Backward(all) {
		if o.Project != project {
			continue
		}
		if len(list) == most {
			break
		}
		r, err := ReceiptOf(o)
		if err != nil {
			return nil, err
		}
		r.Subjects = nil
		list = append(list, r)
	}
	return list, nil
}

// Receipt returns that of one order of a project; false: there is none.
func (d Desk) Receipt(ctx context.Context, project, id string) (Receipt, bool, error) {
	o, err := d.Orders.Get(ctx, id)
	if err != nil {
		return Receipt{}, false, fmt.Errorf("look up an erasure: %w", err)
	}
	if o == nil || o.Project != project {
		return Receipt{}, false, nil
	}
	r, err := ReceiptOf(*o)
	return r, true, err
}
