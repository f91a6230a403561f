package proc

import (
	"slices"
	"time"
)

// Memory is what processes had resident over some time, in bytes.
type Memory struct{ Max, Median int64 }

// Watch samples the resident size of processes.
type Watch struct {
	done  chan struct{}
	sizes chan []int64
}

// sampleEvery is short against a round of a benchmark, and costs next to
// nothing.
const sampleEvery = 50 * time.Millisecond

// WatchMemory begins to sample the sum over the processes. Stop it.
func WatchMemory(pids ...int) *Watch {
	w := &Watch{done: make(chan struct{}), sizes: make(chan []int64, 1)}
	go func() {
		tick := time.NewTicker(sampleEvery)
		defer tick.Stop()
		sizes := []int64{Resident(pids...)}
		for {
			select {
			case <-tick.C:
				sizes = append(sizes, Resident(pids...))
			case <-w.done:
				w.sizes <- sizes
				return
			}
		}
	}()
	return w
}

// Stop ends the sampling and returns what was seen. It is called once.
func (w *Watch) Stop() Memory {
	close(w.done)
	sizes := <-w.sizes
	slices.Sort(sizes)
	return Memory{Max: sizes[len(sizes)-1], Median: sizes[len(sizes)/2]}
}
