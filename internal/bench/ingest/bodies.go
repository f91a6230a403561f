package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"ibarura/internal/event"
	"ibarura/internal/loadgen"
)

// maxConnections bounds the numbers of connections to try; there are as many
// different bodies of the reference.
const maxConnections = 8

// body is one request, made before anything is measured. Bodies are used over
// and over; what differs each time is the first half of every id.
type body struct {
	mu   sync.Mutex // held while it is being sent
	text []byte
	ids  []int // where the ids begin
}

// made numbers the requests of this process, from somewhere random.
var made = func() *atomic.Uint64 {
	var n atomic.Uint64
	n.Store(rand.Uint64() >> 1) //nolint:gosec // tells requests apart, no secret
	return &n
}()

// renew gives the items new ids, so that nobody takes them for a repetition.
func (b *body) renew() {
	var room [loadgen.RunBytes]byte
	run := loadgen.AppendRun(room[:0], made.Add(1))
	for _, at := range b.ids {
		copy(b.text[at:], run)
	}
}

type bodies struct{ ours, reference []*body }

// makeBodies writes the same events for both sides; items is a multiple of
// referenceBatch.
func makeBodies(days, items int) (bodies, error) {
	// A fixed day in the middle of a month: no run differs by the calendar.
	now := time.Date(2026, 6, 17, 18, 0, 0, 0, time.UTC)
	o := loadgen.Options{Seed: 1, Run: 1, Users: 100_000, Posts: 50_000, Days: days, Clock: func() time.Time { return now }}
	api, err := loadgen.New(o)
	if err != nil {
		return bodies{}, fmt.Errorf("generate: %w", err)
	}
	rows, err := loadgen.New(o)
	if err != nil {
		return bodies{}, fmt.Errorf("generate: %w", err)
	}
	stamp := loadgen.RowStamp{Project: "default", Zone: time.UTC, Received: event.MillisOf(now), Seq: 1}
	var made bodies
	for range items / ourBatch {
		made.ours = append(made.ours, newBody(api.AppendJSON(nil, ourBatch)))
	}
	for range items / referenceBatch {
		made.reference = append(made.reference, newBody(rows.AppendClickHouseRows(nil, referenceBatch, stamp)))
	}
	return made, nil
}

func newBody(text []byte) *body {
	b := &body{text: bytes.Clone(text)} // no spare capacity
	at := 0
	for line := range bytes.Lines(text) {
		b.ids = append(b.ids, at+loadgen.IDOffset)
		at += len(line)
	}
	return b
}
