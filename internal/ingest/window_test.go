package ingest_test

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ibarura/internal/ingest"
)

func key(i int) ingest.Key { return ingest.KeyOf("p", "event", strconv.Itoa(i)) }

func TestAnIdIsForgottenAfterTheWindowAndNotBefore(t *testing.T) {
	w := ingest.NewWindow(time.Hour, 1000)
	for _, c := range []struct {
		at    time.Duration
		fresh bool
	}{{0, true}, {time.Second, false}, {time.Hour, false}, {time.Hour + 2*time.Second, true}, {2 * time.Hour, false}} {
		if got := w.Add(key(1), now.Add(c.at)); got != c.fresh {
			t.Errorf("after %s: new is %v, want %v", c.at, got, c.fresh)
		}
	}
}

func TestTheWindowIsBoundedAndForgetsTheOldestFirst(t *testing.T) {
	w := ingest.NewWindow(time.Hour, 6400)
	for i := range 100_000 {
		w.Add(key(i), now)
	}
	if w.Len() > 6400 || w.Evicted() != uint64(100_000-w.Len()) {
		t.Errorf("%d ids, %d evicted", w.Len(), w.Evicted())
	}
	for i := 99_000; i < 100_000; i++ {
		if w.Add(key(i), now) {
			t.Fatalf("id %d of the last thousand is forgotten", i)
		}
	}
	if !w.Add(key(0), now) {
		t.Error("the oldest id is still known")
	}
}

// The model is a map from id to the time it was added.
func TestTheWindowEqualsAMapWithTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := ingest.NewWindow(10*time.Second, 1<<20)
		model := map[int]time.Time{}
		at := now
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			at = at.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "pause")) * time.Second)
			id := rapid.IntRange(0, 40).Draw(t, "id")
			added, known := model[id]
			fresh := !known || added.Before(at.Add(-10*time.Second))
			if fresh {
				model[id] = at
			}
			if got := w.Add(key(id), at); got != fresh {
				t.Fatalf("id %d at %s: new is %v, want %v", id, at, got, fresh)
			}
		}
	})
}

func BenchmarkWindowAdd(b *testing.B) {
	w := ingest.NewWindow(time.Hour, 1_000_000)
	ids := make([]string, 1<<16)
	for i := range ids {
		ids[i] = strconv.Itoa(i) + "-some-usual-length-of-id"
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		w.Add(ingest.KeyOf("default", "event", ids[i&(1<<16-1)]), now)
	}
}
