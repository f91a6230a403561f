package faulttest_test

import (
	"fmt"
	"testing"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/event"
	"ibarura/internal/faulttest"
	"ibarura/internal/rowblock"
)

// few are rows with something in every kind of column.
func few() *rowblock.Block {
	b := rowblock.New(rowblock.Events)
	for i := range 3 {
		b.AppendEvent(&event.Row{
			Event: event.Event{
				ID: fmt.Sprint("half-", i), Type: "post_created", OccurredAt: 1_700_000_000_000,
				Identity: event.Identity{UserID: "ann", Role: "member", SessionID: "s"},
				Object:   event.Object{Type: "post", ID: "7"}, Tags: []string{"go", "sql"},
				Properties: []event.Property{{Key: "length", Value: "120"}, {Key: "channel", Value: "web"}},
			},
			Stamp: event.Stamp{Project: "half", Day: 19_675, Person: uint64(i), ReceivedAt: 1_700_000_000_000}, Active: true,
		})
	}
	stored := rowblock.New(rowblock.Events)
	if err := stored.Merge(b.Encode(nil), 1); err != nil {
		panic(err) // Encode has just written it
	}
	return stored
}

// ClickHouse complains of a block that ends too soon as it does of one that it
// cannot read. Wherever that happens, it says nothing about the rows.
func TestAnInsertThatEndsTooSoonIsNoRefusalOfItsRows(t *testing.T) {
	target := enginetest.Migrated(t)
	proxy, err := faulttest.NewProxy(target.Addr[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	target.Addr = []string{proxy.Addr()}
	rows := few()
	codes := map[int32]int{}
	for after := int64(0); ; after++ {
		inserter := clickhouse.NewInserter(target)
		proxy.CutOnce(faulttest.Cut{After: after, HalfClose: true})
		err := inserter.Insert(t.Context(), "events", rows.Input(), fmt.Sprint("half-", after), nil)
		_ = inserter.Close()
		if err == nil {
			t.Logf("%d bytes are one insert; codes that were answered before: %v", after, codes)
			break
		}
		if class := clickhouse.ClassOf(err); class != clickhouse.Transient {
			t.Errorf("after %d bytes the rows are refused: %v", after, err)
		}
		code, _ := clickhouse.CodeOf(err)
		codes[code]++
	}
	if len(codes) < 2 {
		t.Error("ClickHouse never complained itself")
	}
}
