package report

import (
	"context"
	"sync"
)

// flights lets those who ask the same at the same time share one reading. Unlike
// singleflight, a reading that nobody waits for any more is broken off, and one
// caller's end does not end it for the others.
type flights struct {
	mu    sync.Mutex
	under map[string]*flight
}

type flight struct {
	done    chan struct{}
	waiting int
	cancel  context.CancelFunc
	answer  *Answer
	err     error
}

// fly returns what read returns, from a call for this key that is under way if
// there is one; shared says so.
func (f *flights) fly(ctx context.Context, key string, read func(context.Context) (*Answer, error)) (answer *Answer, shared bool, err error) {
	one, shared := f.board(ctx, key, read)
	defer f.leave(key, one)
	select {
	case <-one.done:
		return one.answer, shared, one.err
	case <-ctx.Done():
		return nil, shared, ctx.Err()
	}
}

func (f *flights) board(ctx context.Context, key string, read func(context.Context) (*Answer, error)) (*flight, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one := f.under[key]; one != nil {
		one.waiting++
		return one, true
	}
	reading, cancel := context.WithCancel(context.WithoutCancel(ctx))
	one := &flight{done: make(chan struct{}), waiting: 1, cancel: cancel}
	f.under[key] = one
	go func() {
		one.answer, one.err = read(reading)
		f.land(key, one)
		close(one.done)
	}()
	return one, false
}

// leave breaks a flight off that has nobody left on it.
func (f *flights) leave(key string, one *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one.waiting--; one.waiting == 0 {
		one.cancel()
		f.forget(key, one)
	}
}

// land lets nobody board any more.
func (f *flights) land(key string, one *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forget(key, one)
}

func (f *flights) forget(key string, one *flight) {
	if f.under[key] == one {
		delete(f.under, key)
	}
}
