package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"ibarura/internal/producer"
)

// saveEvery is how often the state is written down, at most. What a kill -9
// takes is sent again, with the same ids.
const saveEvery = time.Second

// ledger enters the answers in the file's order, in whatever order they come:
// counts, the list of rejects and the state speak of the first lines of the
// file up to some line, without a hole.
type ledger struct {
	o       *Options
	src     *source
	store   *stateStore // nil: a stream, which cannot be resumed
	rejects *rejectFile
	room    chan struct{} // a token for each batch that is not entered yet
	from    int

	mu      sync.Mutex
	state   state
	early   map[int]answered // answers that wait for an earlier batch's
	next    int              // seq of the next batch to enter
	items   int              // answered for in this run
	savedAt time.Time
}

type answered struct {
	batch  *batch
	answer producer.Answer
}

func openLedger(src *source, o *Options) (*ledger, error) {
	l := &ledger{o: o, src: src, early: map[int]answered{}, savedAt: time.Now()}
	l.room = make(chan struct{}, 4*o.Requests)
	if src.stream {
		l.state = newState(src.name)
	} else {
		store, kept, err := openState(src, o)
		if err != nil {
			return nil, err
		}
		l.store, l.state = store, kept
	}
	l.from = l.state.Lines
	if err := l.openRejects(); err != nil {
		return nil, errors.Join(err, l.store.close(false))
	}
	if err := l.save(); err != nil { // the salt has to outlive this process before it is used
		return nil, errors.Join(err, l.rejects.close(), l.store.close(false))
	}
	return l, nil
}

func (l *ledger) openRejects() error {
	path := l.o.RejectsPath
	if path == "" {
		path = "import.rejects" // a stream has no place of its own
		if !l.src.stream {
			path = l.src.name + ".rejects"
		}
	}
	keep := int64(0) // bytes
	switch {
	case l.from > 0 && l.state.RejectsPath == path:
		keep = l.state.RejectsBytes
	case l.from > 0 || l.o.AppendRejects:
		keep = keepAll
	}
	var err error
	l.rejects, err = openRejects(path, keep, l.src)
	l.state.RejectsPath = path
	return err
}

// resumeFrom is how many lines of the file need not be sent.
func (l *ledger) resumeFrom() int { return l.from }

func (l *ledger) newItemizer(o *Options) itemizer {
	if o.Format == FormatLog {
		return newLogItems(newIDMaker(), newVisitors(l.state.Salt))
	}
	return &jsonItems{ids: newIDMaker()}
}

// admit waits until one more batch may be on its way. So one that is repeated
// for minutes does not let those behind it pile up.
func (l *ledger) admit(ctx context.Context) error {
	select {
	case l.room <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// postedAny reports whether any item has reached the server.
func (l *ledger) postedAny() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.Accepted+l.state.Duplicates > 0
}

// enter takes a batch's answer. The batch belongs to the ledger from then on.
func (l *ledger) enter(b *batch, a producer.Answer) error {
	if n := a.Accepted + a.Duplicates + len(a.Rejected) + a.Unlisted; n != len(b.lines) {
		return fmt.Errorf("the server answered for %d items of %d", n, len(b.lines))
	}
	for _, r := range a.Rejected {
		if r.Index < 0 || r.Index >= len(b.lines) {
			return fmt.Errorf("the server rejected item %d of %d", r.Index, len(b.lines))
		}
		b.rejects = append(b.rejects, Reject{Line: b.lines[r.Index], Code: r.Code, Field: r.Field, Message: r.Message})
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.early[b.seq] = answered{b, a}
	for {
		first, there := l.early[l.next]
		if !there {
			break
		}
		delete(l.early, l.next)
		if err := l.apply(first); err != nil {
			return err
		}
		l.next++
		<-l.room
	}
	l.o.Progress.Update(l.src.read(), l.items)
	if time.Since(l.savedAt) < saveEvery {
		return nil
	}
	return l.save()
}

func (l *ledger) apply(a answered) error {
	b := a.batch
	slices.SortFunc(b.rejects, func(x, y Reject) int { return cmp.Compare(x.Line, y.Line) })
	for _, r := range b.rejects {
		r.File = l.src.name
		if err := l.rejects.write(r); err != nil {
			return err
		}
		l.o.OnReject(r)
	}
	l.items += len(b.lines)
	l.state.Lines = b.last
	l.state.Accepted += a.answer.Accepted
	l.state.Duplicates += a.answer.Duplicates
	l.state.Rejected += len(b.rejects) + a.answer.Unlisted
	b.release()
	return nil
}

// save writes down how far the import is, the list of rejects first: the state
// says how much of that list it knows of.
func (l *ledger) save() error {
	l.savedAt = time.Now()
	size, err := l.rejects.flush()
	if err != nil {
		return err
	}
	l.state.RejectsBytes = size
	return l.store.save(&l.state)
}

// close ends the import. A complete one leaves nothing to resume.
func (l *ledger) close(complete bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.save(), l.rejects.close(), l.store.close(complete))
}

func (l *ledger) summary() Summary {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := Summary{
		Name:   l.src.name,
		Format: l.o.Format, Kind: l.o.Kind,
		Lines: l.state.Lines, Accepted: l.state.Accepted, Duplicates: l.state.Duplicates, Rejected: l.state.Rejected,
		ResumedFrom: l.from, Items: l.items, Resumable: l.store != nil,
	}
	if l.state.Rejected > 0 {
		s.RejectsPath = l.state.RejectsPath
	}
	return s
}
