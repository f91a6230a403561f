package ingest

import (
	"math"
	"sync"
)

// What an entry says instead of a flight's number.
const (
	settled   = 0              // its row is durable
	forgotten = math.MaxUint32 // its flight failed; it is no longer in the index
)

// Flight is a request on its way to the disk, as those see it who bring one of
// its ids meanwhile.
type Flight struct {
	number  uint32
	done    chan struct{}
	claimed []claimed // only for the request itself
}

// claimed is an id that a flight has claimed, and the place of its entry.
type claimed struct {
	key   Key
	place uint32
}

// Done is closed when the flight is settled, either way.
func (f *Flight) Done() <-chan struct{} { return f.done }

// flights numbers the flights that are under way.
type flights struct {
	mu   sync.Mutex
	open map[uint32]*Flight
	last uint32
}

// Begin returns a flight that may claim ids. Settle ends it.
func (w *Window) Begin() *Flight { return w.flights.begin() }

func (f *flights) begin() *Flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open == nil {
		f.open = map[uint32]*Flight{}
	}
	for {
		f.last++
		if f.last == settled || f.last == forgotten || f.open[f.last] != nil {
			continue
		}
		flight := &Flight{number: f.last, done: make(chan struct{})}
		f.open[f.last] = flight
		return flight
	}
}

func (f *flights) find(number uint32) *Flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open[number]
}

func (f *flights) end(flight *Flight) {
	f.mu.Lock()
	delete(f.open, flight.number)
	f.mu.Unlock()
	close(flight.done)
}
