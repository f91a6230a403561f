package loader

import (
	"context"
	"testing"
	"time"

	"ibarura/internal/event"
)

func TestAFloodIntoOneBlockDoesNotKeepTheOthersBack(t *testing.T) {
	var q queue
	q.init(Config{BatchRows: 10, BatchBytes: 1 << 20, BatchAge: time.Hour}, 0)
	add := func(month int32, rows int) {
		for range rows {
			q.add(blockKey{"events", month}, func(b *batch, seq uint64) int {
				return b.block.(*eventBlock).append(&event.Row{}, seq)
			})
		}
	}
	add(1, 1)
	q.hurry() // somebody waits for the one row
	time.Sleep(time.Millisecond)
	add(2, 50) // five full blocks
	if b := q.take(context.Background()); b.key.month != 1 {
		t.Errorf("the block of month %d goes first", b.key.month)
	}
	add(3, 1) // nobody waits, and it is young
	for range 5 {
		if b := q.take(context.Background()); b.key.month != 2 {
			t.Errorf("the block of month %d goes before a full one", b.key.month)
		}
	}
}

func TestEveryByteOfNewTextIsCounted(t *testing.T) {
	b := newEventBlock()
	row := &event.Row{}
	for i := range 64 {
		key := make([]byte, 128)
		key[0] = byte(i)
		row.Properties = append(row.Properties, event.Property{Key: string(key)})
	}
	if first := b.append(row, 1); first < 64*2*128 {
		t.Errorf("64 new keys of 128 bytes count as %d bytes", first)
	}
	if second := b.append(row, 2); second > 64*64 {
		t.Errorf("64 known keys count as %d bytes", second)
	}
}
