package main

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/google/pprof/profile"

	"ibarura/internal/bench/wire"
	"ibarura/internal/loadgen"
)

func TestEveryWayGetsTheSameEvents(t *testing.T) {
	const n = 300
	var ids [3][]string
	for i, maker := range []bodyMaker{ourBodies, rowBodies, peerBodies} {
		g, err := newGenerator(0)
		if err != nil {
			t.Fatal(err)
		}
		body, at := maker(g, nil, n)
		for _, from := range at {
			ids[i] = append(ids[i], string(body[from:from+loadgen.IDBytes]))
		}
	}
	if len(ids[0]) != n || !slices.Equal(ids[0], ids[1]) || !slices.Equal(ids[0], ids[2]) {
		t.Errorf("%d, %d and %d ids are not the same", len(ids[0]), len(ids[1]), len(ids[2]))
	}
}

func TestLoadHasARequestForEachConnectionAndEnoughRows(t *testing.T) {
	w := way{bodies: ourBodies, made: map[int][]*wire.Request{}}
	for _, batch := range []int{1, 500, collectedBatch} {
		l, err := w.load(batch, 10, amount{rows: 1000, rate: float64(batch)})
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Requests) < 10 || l.Count*batch < 1000 || l.Every != time.Second {
			t.Errorf("%d a request: %d requests, %d to send, every %s", batch, len(l.Requests), l.Count, l.Every)
		}
	}
}

func TestMedian(t *testing.T) {
	w := way{rounds: []round{{rate: 9}, {rate: 1}, {rate: 5}}}
	if got := w.median(); got != 5 {
		t.Errorf("of three: %f", got)
	}
	w.rounds = append(w.rounds, round{rate: 7})
	if got := w.median(); got != 6 {
		t.Errorf("of four: %f", got)
	}
}

func TestAnswersThatDoNotAccountForEveryItemAreErrors(t *testing.T) {
	r := wire.Request{Rows: 3}
	for body, good := range map[string]bool{
		`{"accepted":3,"duplicates":0,"rejected":[]}`: true,
		`{"accepted":1,"duplicates":2,"rejected":[]}`: true,
		`{"accepted":2,"duplicates":0,"rejected":[]}`: false,
		`fine`: false,
	} {
		if err := acceptOurs(&wire.Answer{Status: 200, Body: []byte(body)}, &r); (err == nil) != good {
			t.Errorf("%s: %v", body, err)
		}
	}
	if acceptOurs(&wire.Answer{Status: 400}, &r) == nil || acceptInsert(&wire.Answer{Status: 200, Exception: true}, &r) == nil {
		t.Error("an error passes as an acknowledgement")
	}
}

func TestThousands(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 999.6: "1,000", 123456: "123,456", 1234567: "1,234,567"} {
		if got := thousands(x); got != want {
			t.Errorf("%f: %s", x, got)
		}
	}
}

func TestWhatStandardLibraryDoesCountsForWhoWantedIt(t *testing.T) {
	for want, stack := range map[string][]string{
		"decoding":                        {"runtime.memmove", "bytes.Clone", "ibarura/internal/protocol.decodeLine", "net/http.(*conn).serve"},
		"HTTP: net/http and the socket":   {"syscall.read", "net/http.(*body).Read", "ibarura/internal/protocol.decodeLines"},
		"garbage collection":              {"runtime.scanobject", "runtime.gcBgMarkWorker"},
		"ids: look up, remember":          {"runtime.mapaccess2", "ibarura/internal/ingest.(*Window).Add", "ibarura/internal/ingest.(*intake).run"},
		"ingest, the rest":                {"ibarura/internal/ingest.(*intake).run"},
		"insert over the native protocol": {"syscall.write", "github.com/ClickHouse/ch-go.(*Client).Do.func1"},
		"scheduler":                       {"runtime.futex", "runtime.mcall"},
		otherPart:                         {"os/signal.loop"},
	} {
		if got := partOf(stack); got != want {
			t.Errorf("%v is of %q, want %q", stack, got, want)
		}
	}
}

func TestProfileIsAddedUpByPart(t *testing.T) {
	at := func(names ...string) []*profile.Location {
		var stack []*profile.Location
		for _, name := range names {
			stack = append(stack, &profile.Location{Line: []profile.Line{{Function: &profile.Function{Name: name}}}})
		}
		return stack
	}
	p := &profile.Profile{Sample: []*profile.Sample{
		{Location: at("ibarura/internal/spool.(*Spool).Append"), Value: []int64{1, 30}},
		{Location: at("syscall.fsync", "ibarura/internal/spool.(*Spool).sync"), Value: []int64{1, 30}},
		{Location: at("ibarura/internal/protocol.decode"), Value: []int64{1, 40}},
	}}
	parts := partsOf(p)
	if len(parts) != 2 || parts[0] != (part{"spool: append, fsync, read", 0.6}) || parts[1] != (part{"decoding", 0.4}) {
		t.Errorf("%+v", parts)
	}
}

func TestBadOptionsAreRefused(t *testing.T) {
	good := options{Rounds: 1, Rows: bulkBatch, Trial: bulkBatch, Step: time.Second, Longest: time.Second, Load: 50, Only: sections}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*options){
		"rows":        func(o *options) { o.Rows = 1 },
		"rounds":      func(o *options) { o.Rounds = 0 },
		"connections": func(o *options) { o.Connections = []int{maxConnections + 1} },
		"section":     func(o *options) { o.Only = []string{"everything"} },
		"load":        func(o *options) { o.Load = 101 },
	} {
		bad := good
		if change(&bad); bad.check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestCollectedBatchIsAboutTenMebibytes(t *testing.T) {
	g, err := newGenerator(0)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := rowBodies(g, nil, collectedBatch)
	if size := len(bytes.TrimSpace(body)); size < 9<<20 || size > 11<<20 {
		t.Errorf("%d bytes", size)
	}
}
