package faulttest

import (
	"fmt"
	"maps"
	"sync"
)

// Ledger notes what producers sent and what was acknowledged. It is safe for
// concurrent use.
type Ledger struct {
	mu         sync.Mutex
	books      map[book]map[string]entry
	complaints []string
	tally      Tally
}

// book is the ids of one raw table and project.
type book struct {
	project string
	kind    Kind
}

// entry is what is known of an id.
type entry struct {
	digest       uint64
	poison       bool // it belongs into quarantine
	acknowledged bool
}

// Tally counts what producers did and were told.
type Tally struct {
	Acknowledged int // distinct ids
	Duplicates   int // items that the server recognized as such
	Retries      int // attempts that were not answered 200
	Refused      int // of them, those that were answered 503
}

// Add adds another tally.
func (t *Tally) Add(o Tally) {
	t.Acknowledged += o.Acknowledged
	t.Duplicates += o.Duplicates
	t.Retries += o.Retries
	t.Refused += o.Refused
}

// NewLedger returns an empty one.
func NewLedger() *Ledger { return &Ledger{books: map[book]map[string]entry{}} }

// Offer notes a batch before it is sent for the first time: from now on its
// ids may be stored, though nobody promised it.
func (l *Ledger) Offer(b *Batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := book{b.Project, b.Kind}
	if l.books[at] == nil {
		l.books[at] = map[string]entry{}
	}
	maps.Copy(l.books[at], b.sent)
}

// Acknowledge notes that a batch was answered 200: from now on each of its ids
// has to be stored once.
func (l *Ledger) Acknowledge(b *Batch, duplicates int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tally.Duplicates += duplicates
	of := l.books[book{b.Project, b.Kind}]
	for id := range b.sent {
		if e := of[id]; !e.acknowledged {
			e.acknowledged = true
			of[id] = e
			l.tally.Acknowledged++
		}
	}
}

// Retry notes an attempt that was not answered 200.
func (l *Ledger) Retry(refused bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tally.Retries++
	if refused {
		l.tally.Refused++
	}
}

// maxComplaints bounds what is kept of wrong answers.
const maxComplaints = 20

// Complain notes an answer that the server should not have given.
func (l *Ledger) Complain(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.complaints) < maxComplaints {
		l.complaints = append(l.complaints, fmt.Sprintf(format, args...))
	}
}

// Tally returns the counts so far.
func (l *Ledger) Tally() Tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tally
}

// Complaints returns what was complained about, at most 20 of it.
func (l *Ledger) Complaints() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.complaints...)
}
