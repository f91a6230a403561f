package faulttest

import (
	"bytes"
	"compress/gzip"
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Batch is one request's items. It does not change once it is made, so that a
// repetition sends the same bytes.
type Batch struct {
	Prefix  string // of the ids
	Project string
	Kind    Kind
	Lines   bool // a stream of lines; else an object or an array
	Gzip    bool
	Wait    bool // wait=true

	Body    []byte // as it is sent
	Items   int    // objects in the body
	Invalid int    // of them, those that have to be rejected
	sent    map[string]entry
}

// Distinct is the number of ids that are to be counted or kept in quarantine.
func (b *Batch) Distinct() int { return len(b.sent) }

// Poison is the number of ids that belong into quarantine.
func (b *Batch) Poison() int {
	n := 0
	for _, e := range b.sent {
		if e.poison {
			n++
		}
	}
	return n
}

// BatchOptions shape what a producer sends.
type BatchOptions struct {
	MaxItems    int  // largest batch
	WaitPercent int  // of the batches ask for wait=true
	Exactly     bool // every batch has MaxItems
	Kind        Kind // of all batches; empty: of either
	Poison      int  // of so many events one is of the type that Poisoned makes ClickHouse refuse; 0: none
}

// Batch draws a batch whose ids begin with a prefix of its own.
func (w *World) Batch(r *rand.Rand, prefix string, o BatchOptions) *Batch {
	project := w.Projects[r.IntN(len(w.Projects))]
	b := &Batch{
		Prefix: prefix + "-", Project: project.Name, Kind: pick(r, Events, Events, PageViews), Lines: chance(r, 2), Gzip: chance(r, 3),
		Wait: r.IntN(100) < o.WaitPercent, sent: map[string]entry{},
	}
	if o.Kind != "" {
		b.Kind = o.Kind
	}
	size := drawSize(r, o.MaxItems)
	if o.Exactly {
		size = o.MaxItems
	}
	b.encode(w.objectsOf(r, b, size, o.Poison, mustZone(project.Zone)))
	return b
}

// drawSize prefers small batches, as producers do, and tries the largest.
func drawSize(r *rand.Rand, most int) int {
	return min(most, pick(r, 1, 1+r.IntN(50), 1+r.IntN(50), 50+r.IntN(450), 500+r.IntN(1500), 2000))
}

// objectsOf draws the objects of a batch: some are repeated within it, a few
// have to be rejected.
func (w *World) objectsOf(r *rand.Rand, b *Batch, size, poison int, zone *time.Location) [][]byte {
	objects := make([][]byte, 0, size)
	for i := range size {
		it := w.draw(r, b.Kind, b.Prefix+strconv.Itoa(i))
		bad := chance(r, 200)
		if bad {
			it.ID, it.Type, it.URL = "invalid-"+it.ID, "", ""
			b.Invalid++
		} else {
			if b.Kind == Events && poison > 0 && chance(r, poison) {
				it.Type = poisonType
			}
			b.sent[it.ID] = entry{digest: it.digest(b.Kind, zone), poison: it.Type == poisonType}
		}
		objects = append(objects, it.json())
		if !bad && chance(r, 100) {
			objects = append(objects, it.json())
		}
	}
	b.Items = len(objects)
	return objects
}

// Stored counts the rows of the batch in its raw table.
func (b *Batch) Stored(ctx context.Context, conn driver.Conn) (int, error) {
	ctx = clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{"project": b.Project, "prefix": b.Prefix}))
	var n uint64
	err := conn.QueryRow(ctx, "SELECT count() FROM "+b.Kind.table()+
		" WHERE project = {project:String} AND startsWith(id, {prefix:String})").Scan(&n)
	return int(n), err
}

func (b *Batch) encode(objects [][]byte) {
	switch {
	case b.Lines:
		b.Body = bytes.Join(objects, []byte("\n"))
	case len(objects) == 1:
		b.Body = objects[0]
	default:
		b.Body = append(append([]byte("["), bytes.Join(objects, []byte(","))...), ']')
	}
	if b.Gzip {
		b.Body = compressed(b.Body)
	}
}

func compressed(text []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is one that exists
	}
	_, _ = w.Write(text) // into memory, as Close
	_ = w.Close()
	return out.Bytes()
}

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // the zones of projects are constants, and package tzdata is part of the program
	}
	return zone
}
