package ingest

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)

func testKey(i int) Key { return KeyOf("p", "event", strconv.Itoa(i)) }

func TestAClaimedIdIsPendingUntilItsFlightIsSettled(t *testing.T) {
	w := NewWindow(time.Hour, 1000)
	first, second := w.Begin(), w.Begin()
	if v, _ := w.claim(testKey(1), first, noon); v != fresh {
		t.Fatalf("first look: %d", v)
	}
	if v, f := w.claim(testKey(1), second, noon); v != pending || f != first {
		t.Fatalf("second look: %d, the first flight: %v", v, f == first)
	}
	w.Settle(first, true)
	<-first.Done()
	if v, _ := w.claim(testKey(1), second, noon); v != known {
		t.Errorf("after a durable end: %d", v)
	}
}

func TestAnIdOfAFailedFlightIsFreshAgain(t *testing.T) {
	w := NewWindow(time.Hour, 1000)
	f := w.Begin()
	w.claim(testKey(1), f, noon)
	w.Settle(f, false)
	if w.Len() != 0 {
		t.Errorf("%d ids are remembered", w.Len())
	}
	again := w.Begin()
	if v, _ := w.claim(testKey(1), again, noon); v != fresh {
		t.Errorf("the retry's look: %d", v)
	}
	w.Settle(again, true)
	if v, _ := w.claim(testKey(1), w.Begin(), noon.Add(time.Second)); v != known {
		t.Errorf("after the retry: %d", v)
	}
}

// The model is a list of ids in the order of arrival, over one shard.
func TestAShardEqualsAListWithABound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 40).Draw(t, "limit")
		s := shard{ring: ring{limit: limit}}
		var model []int
		find := func(id int) int {
			for i, known := range model {
				if known == id {
					return i
				}
			}
			return -1
		}
		for range rapid.IntRange(1, 2000).Draw(t, "steps") {
			id := rapid.IntRange(0, 60).Draw(t, "id")
			flight := uint32(1 + rapid.IntRange(0, 1).Draw(t, "flight"))
			v, place := s.claim(testKey(id), flight, 0, 0)
			if (v == fresh) != (find(id) < 0) {
				t.Fatalf("id %d is %d, the model has it at %d", id, v, find(id))
			}
			if v != fresh {
				continue
			}
			model = append(model, id)
			if len(model) > limit {
				model = model[1:]
			}
			if rapid.Bool().Draw(t, "settled") {
				s.settle(claimed{testKey(id), place}, flight, true)
			}
		}
		if s.index.used != len(model) {
			t.Fatalf("%d ids, the model has %d", s.index.used, len(model))
		}
	})
}

func TestForgettingInAnyOrderLosesNoOther(t *testing.T) {
	s := shard{ring: ring{limit: 1 << 16}}
	r := rand.New(rand.NewPCG(1, 2))
	live := map[int]bool{}
	var places []uint32
	for i := range 20_000 {
		_, place := s.claim(testKey(i), 1, 0, 0)
		places = append(places, place)
		live[i] = true
		if r.IntN(2) == 0 {
			gone := r.IntN(i + 1)
			s.settle(claimed{testKey(gone), places[gone]}, 1, false)
			delete(live, gone)
		}
	}
	for i := range 20_000 {
		if _, found := s.index.find(&s.ring, testKey(i)); found != live[i] {
			t.Fatalf("id %d: found %v, want %v", i, found, live[i])
		}
	}
}
