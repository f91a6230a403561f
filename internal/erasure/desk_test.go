package erasure_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"ibarura/internal/clickhouse"
	"ibarura/internal/erasure"
)

// shelf keeps orders in memory, oldest first.
type shelf struct{ orders []clickhouse.Erasure }

func (s *shelf) List(context.Context) ([]clickhouse.Erasure, error) { return s.orders, nil }

func (s *shelf) Get(_ context.Context, id string) (*clickhouse.Erasure, error) {
	if i := slices.IndexFunc(s.orders, func(o clickhouse.Erasure) bool { return o.ID == id }); i >= 0 {
		return &s.orders[i], nil
	}
	return nil, nil
}

func (s *shelf) Put(_ context.Context, o clickhouse.Erasure) error {
	s.orders = append(s.orders, o)
	return nil
}

func place(t *testing.T, d erasure.Desk, project, user string) erasure.Receipt {
	t.Helper()
	r, err := d.Place(t.Context(), erasure.Request{Project: project, Users: []string{user}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheSameOrderIsPlacedOnceUntilItIsFinished(t *testing.T) {
	orders := &shelf{}
	d := erasure.Desk{Orders: orders}
	first, again := place(t, d, "p", "ada"), place(t, d, "p", "ada")
	if first.Erasure != again.Erasure || first.State != clickhouse.ErasureOrdered || len(first.Subjects) != 1 {
		t.Errorf("%+v, then %+v", first, again)
	}
	orders.orders[0].State = clickhouse.ErasureFinished
	if later := place(t, d, "p", "ada"); later.Erasure == first.Erasure {
		t.Error("who came back after an erasure cannot be erased again")
	}
}

func TestReceiptsNameNobodyAndAreOfOneProject(t *testing.T) {
	d := erasure.Desk{Orders: &shelf{}}
	old, other, newest := place(t, d, "p", "ada"), place(t, d, "q", "ada"), place(t, d, "p", "bob")
	list, err := d.Receipts(t.Context(), "p", 10)
	if err != nil || len(list) != 2 || list[0].Erasure != newest.Erasure || list[1].Erasure != old.Erasure || list[0].Subjects != nil {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err = d.Receipts(t.Context(), "p", 1); err != nil || len(list) != 1 {
		t.Errorf("%d receipts, %v; want the newest", len(list), err)
	}
	for id, project := range map[string]string{other.Erasure: "p", "0123": "p"} {
		if _, found, err := d.Receipt(t.Context(), project, id); found || err != nil {
			t.Errorf("erasure %s is shown to %s: %v", id, project, err)
		}
	}
	if r, found, err := d.Receipt(t.Context(), "p", old.Erasure); !found || err != nil || r.Erasure != old.Erasure {
		t.Errorf("%+v, %t, %v", r, found, err)
	}
}

func TestOrdersThatAreNotFinishedAreBounded(t *testing.T) {
	d := erasure.Desk{Orders: &shelf{}}
	for i := range erasure.MaxOpen {
		place(t, d, "p", fmt.Sprint("u", i))
	}
	if _, err := d.Place(t.Context(), erasure.Request{Project: "p", Users: []string{"one more"}}); !errors.Is(err, erasure.ErrTooManyOpen) {
		t.Errorf("%v", err)
	}
	place(t, d, "p", "u7")
	place(t, d, "q", "u")
	for _, wrong := range []erasure.Request{{Project: "q"}, {Project: "q", Users: []string{""}}} {
		if _, err := d.Place(t.Context(), wrong); !errors.Is(err, erasure.ErrInvalid) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}
