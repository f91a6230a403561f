package ingest_test

import (
	"errors"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/event"
	"ibarura/internal/ingest"
	"ibarura/internal/protocol"
	"ibarura/internal/rowblock"
	"ibarura/internal/spool/faultfs"
)

// watcher notes the ids that it is offered, and gives each block back at once.
type watcher struct {
	takes bool

	mu  sync.Mutex
	ids []string
}

func (w *watcher) Offer(project string, b *rowblock.Block, release func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	b.EachID(func(of string, id []byte, _ event.Millis) {
		if of == project {
			w.ids = append(w.ids, string(id))
		}
	})
	if w.takes {
		release()
	}
	return w.takes
}

func watched(st *store, w *watcher) *ingest.Service {
	deps := st.deps(func() time.Time { return now })
	deps.Watcher = w
	return ingest.New(ingest.Config{Limits: event.DefaultLimits(), Window: time.Hour, MaxIDs: 10_000}, deps, prometheus.NewRegistry())
}

func TestTheWatcherIsOfferedWhatIsCountedAndNothingElse(t *testing.T) {
	for _, takes := range []bool{true, false} {
		w := &watcher{takes: takes}
		s := watched(open(t), w)
		for _, body := range []string{
			`[{"type":"login","id":"a"},{"type":"login","id":"b"},{"type":"login","id":"a"},{"no":"event"}]`,
			`[{"type":"login","id":"b"},{"type":"login","id":"c","occurred_at":"2025-01-01T00:00:00Z"}]`,
			`[{"type":"login","id":"c"}]`,
		} {
			if _, err := post(s, kigali(t), body); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.PageViews(t.Context(), kigali(t), func(sink protocol.PageViewSink) error {
			return protocol.DecodePageViews([]byte(`{"url":"/a","id":"d"}`), s.Limits(), sink)
		}); err != nil {
			t.Fatal(err)
		}
		if want := []string{"a", "b", "c", "d"}; !slices.Equal(w.ids, want) {
			t.Errorf("offered (taken: %v) %v, want %v", takes, w.ids, want)
		}
	}
}

func TestTheWatcherIsNotOfferedWhatIsNotDurable(t *testing.T) {
	fail := true
	st := openFaulty(t, func(op faultfs.Op) faultfs.Fault {
		if op.Kind == faultfs.Sync && fail {
			fail = false
			return faultfs.Fault{Err: syscall.EIO}
		}
		return faultfs.Fault{}
	})
	w := &watcher{takes: true}
	s := watched(st, w)
	const body = `{"type":"login","id":"a"}`
	if _, err := post(s, kigali(t), body); !errors.Is(err, ingest.ErrNotDurable) {
		t.Fatal(err)
	}
	if len(w.ids) != 0 {
		t.Errorf("offered %v", w.ids)
	}
	err := ingest.ErrNotDurable
	for errors.Is(err, ingest.ErrNotDurable) { // until a new segment is begun
		_, err = post(s, kigali(t), body)
	}
	if err != nil || !slices.Equal(w.ids, []string{"a"}) {
		t.Errorf("after the retry: %v, %v", w.ids, err)
	}
}
