package faultfs

import (
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Kind is a kind of operation.
type Kind string

// The kinds. Sync is that of a file, SyncDir that of a folder.
const (
	Open     Kind = "open"
	ReadAt   Kind = "read"
	WriteAt  Kind = "write"
	Sync     Kind = "sync"
	Allocate Kind = "allocate"
	Truncate Kind = "truncate"
	Rename   Kind = "rename"
	Remove   Kind = "remove"
	List     Kind = "list"
	SyncDir  Kind = "sync folder"
	Free     Kind = "statfs"
)

// Op is an operation that is about to be done.
type Op struct {
	Kind  Kind
	Path  string
	Size  int // bytes of a read or write
	Count int // how many of the kind there were, with this one
}

// Fault is what is done to an operation; the zero value: nothing.
type Fault struct {
	Delay time.Duration // before it
	Err   error         // it fails with this error, of a syscall as a rule
	Short int           // of a write with Err: so many bytes of it are written all the same
	Flip  bool          // of a write: one bit of it is written wrong, and nobody is told
	Free  int64         // what Free answers, if not 0
}

// Hook decides about operations. It is called by several goroutines, and may
// take its time.
type Hook func(Op) Fault

// Rates are the shares of operations that Random makes fail, from 0 to 1.
type Rates struct {
	Write     float64       // writes that fail with EIO and leave some part written
	Sync      float64       // syncs of files that fail with EIO
	Allocate  float64       // reservations that fail with ENOSPC
	Name      float64       // renames and syncs of folders that fail with EIO
	Slow      float64       // writes and syncs that are delayed
	SlowUntil time.Duration // the longest delay
}

// Random draws faults from a seed: the same seed and the same order of
// operations give the same faults.
func Random(seed uint64, r Rates) Hook {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // faults, not secrets
	return func(op Op) Fault {
		mu.Lock()
		defer mu.Unlock()
		var f Fault
		if (op.Kind == WriteAt || op.Kind == Sync) && rng.Float64() < r.Slow {
			f.Delay = time.Duration(rng.Int64N(int64(r.SlowUntil) + 1))
		}
		rate, err := r.of(op.Kind)
		if rng.Float64() < rate {
			f.Err, f.Short = err, rng.IntN(op.Size+1)
		}
		return f
	}
}

func (r *Rates) of(kind Kind) (float64, error) {
	switch kind {
	case WriteAt:
		return r.Write, unix.EIO
	case Sync:
		return r.Sync, unix.EIO
	case Allocate:
		return r.Allocate, unix.ENOSPC
	case Rename, SyncDir:
		return r.Name, unix.EIO
	default:
		return 0, nil
	}
}
