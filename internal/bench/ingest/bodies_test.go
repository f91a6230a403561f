package main

import (
	"bytes"
	"testing"

	"ibarura/internal/loadgen"
)

func TestRenewedBodiesShareNoID(t *testing.T) {
	made, err := makeBodies(0, referenceBatch)
	if err != nil {
		t.Fatal(err)
	}
	if len(made.ours)*ourBatch != len(made.reference)*referenceBatch {
		t.Fatalf("%d and %d bodies are not the same events", len(made.ours), len(made.reference))
	}
	seen := map[string]bool{}
	for _, b := range []*body{made.ours[0], made.ours[0], made.ours[1], made.reference[0]} {
		b.renew()
		before := len(seen)
		for line := range bytes.Lines(b.text) {
			seen[string(line[loadgen.IDOffset:loadgen.IDOffset+loadgen.IDBytes])] = true
		}
		if len(seen)-before != len(b.ids) {
			t.Fatalf("%d new ids of %d", len(seen)-before, len(b.ids))
		}
	}
}

func TestMedian(t *testing.T) {
	s := side{rounds: []round{{rate: 9}, {rate: 1}, {rate: 5}}}
	if got := s.median(); got != 5 {
		t.Errorf("of three: %f", got)
	}
	s.rounds = append(s.rounds, round{rate: 7})
	if got := s.median(); got != 6 {
		t.Errorf("of four: %f", got)
	}
}
