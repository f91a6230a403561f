package rowblock_test

import (
	"fmt"
	"strings"
	"testing"

	"ibarura/internal/event"
	"ibarura/internal/rowblock"
)

// wide makes rows whose texts fill several pieces of 256 KiB, one of them longer
// than a piece.
func wide(n int) []event.Row {
	rows := make([]event.Row, n)
	for i := range rows {
		rows[i].ID = fmt.Sprint("id", i)
		rows[i].UserID = fmt.Sprint(strings.Repeat("u", i%400), i)
		rows[i].Object = event.Object{Type: "post", ID: strings.Repeat("o", (i*7)%300)}
		rows[i].Properties = []event.Property{{Key: "a", Value: strings.Repeat("p", (i*13)%700)}, {Key: "b", Value: fmt.Sprint(i)}}
	}
	rows[n/2].Properties[0].Value = strings.Repeat("long", 100_000)
	return rows
}

// same fails unless the block has these rows, whichever way they are read.
func same(t *testing.T, b *rowblock.Block, rows []event.Row) {
	t.Helper()
	if got, want := b.Rows(), len(rows); got != want {
		t.Fatalf("%d rows, want %d", got, want)
	}
	row := 0
	b.EachGlance(func(g *rowblock.Glance) {
		r := &rows[row]
		if string(g.UserID) != r.UserID || string(g.ObjectID) != r.Object.ID {
			t.Fatalf("row %d: a glance shows %.20q and %.20q", row, g.UserID, g.ObjectID)
		}
		for _, p := range r.Properties {
			if row%5 == 0 && !g.HasProperty(p.Key, p.Value) {
				t.Fatalf("row %d: a glance has no %s", row, p.Key)
			}
		}
		row++
	})
	row = 0
	b.EachID(func(_ string, id []byte, _ event.Millis) {
		if string(id) != rows[row].ID {
			t.Fatalf("row %d has the id %s", row, id)
		}
		row++
	})
	alone := rowblock.New(rowblock.Events)
	for i := range rows {
		if err := alone.Merge(blockOf(rows[i:i+1]).Encode(nil), 0); err != nil {
			t.Fatal(err)
		}
	}
	if wire(alone) != wire(b) || string(alone.Encode(nil)) != string(b.Encode(nil)) {
		t.Error("the same rows, merged one by one, are sent in another way")
	}
}

func TestRowsOfManyPiecesAreTheRows(t *testing.T) {
	rows := wide(4000)
	chunk := blockOf(rows).Encode(nil)
	b := rowblock.New(rowblock.Events)
	for range 3 { // what one time leaves behind is used the next
		b.Reset()
		for from := 0; from < len(rows); from += 500 {
			if err := b.Merge(blockOf(rows[from:from+500]).Encode(nil), uint64(from)); err != nil {
				t.Fatal(err)
			}
		}
		for i := range rows {
			b.SetSeq(i, 0)
		}
		same(t, b, rows)
	}
	if string(b.Encode(nil)) != string(chunk) {
		t.Error("chunks merged and written again are not the chunk of all")
	}
}

func TestWhatIsKeptOfManyPiecesAreTheRowsThatStay(t *testing.T) {
	rows := wide(4000)
	for name, stays := range map[string]func(i int) bool{
		"every third": func(i int) bool { return i%3 == 0 },
		"the ends":    func(i int) bool { return i < 10 || i > 3990 }, // whole pieces are left empty
		"the first":   func(i int) bool { return i == 0 },
	} {
		b := rowblock.New(rowblock.Events)
		if err := b.Merge(blockOf(rows).Encode(nil), 0); err != nil {
			t.Fatal(err)
		}
		which := make([]bool, len(rows))
		var kept []event.Row
		for i := range rows {
			if which[i] = stays(i); which[i] {
				kept = append(kept, rows[i])
			}
			b.SetSeq(i, 0)
		}
		b.Keep(which)
		t.Run(name, func(t *testing.T) { same(t, b, kept) })
	}
}
