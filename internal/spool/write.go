package spool

import (
	"fmt"
	"time"
)

// write writes one group and completes its tickets.
func (w *writer) write(g *group) {
	if err := w.ready(len(g.buf) + frameSize); err != nil {
		w.complete(g, err)
		return
	}
	w.stamp(g, time.Now())
	end := w.end + LSN(len(g.buf))
	if err := w.put(g.buf); err != nil {
		w.replace(err, end)
		w.complete(g, failure(err))
		return
	}
	w.end = end
	if w.s.o.Policy == AckWrite {
		w.acknowledgeLater()
	} else if err := w.sync(); err != nil {
		w.replace(err, end)
		w.complete(g, failure(err))
		return
	}
	w.complete(g, nil)
}

// acknowledgeLater notes a group that is written and counts, and is to be
// synced in time.
func (w *writer) acknowledgeLater() {
	w.s.mu.Lock()
	w.seg.end, w.s.next = w.end, w.seq
	w.s.mu.Unlock()
	if w.syncAt.IsZero() {
		w.syncAt = time.Now().Add(w.s.o.SyncInterval)
	}
}

func (w *writer) complete(g *group, err error) {
	g.outcome.err = err
	w.s.metrics.completed(g, err)
	close(g.outcome.done)
}

// stamp gives the frames of a group their positions and numbers, and closes it
// with a commit frame. Numbers of a group that fails are not given again.
func (w *writer) stamp(g *group, now time.Time) {
	g.outcome.base = w.end
	for i := 0; i < len(g.buf); {
		f := unpack(g.buf[i:])
		f.at, f.group, f.seq, f.millis = w.end+LSN(i), w.end, w.seq, now.UnixMilli()
		f.put(g.buf[i:], w.s.seed)
		w.seq += uint64(f.rows)
		i += int(f.end() - f.at)
	}
	commit := frame{
		kind: commitFrame, rows: g.records, at: w.end + LSN(len(g.buf)),
		seq: w.seq, millis: now.UnixMilli(), group: w.end,
	}
	var head [frameSize]byte
	commit.put(head[:], w.s.seed)
	g.buf = append(g.buf, head[:]...)
}

func (w *writer) put(b []byte) error {
	n, err := w.file.WriteAt(b, w.seg.offset(w.end))
	if err == nil && n < len(b) {
		err = fmt.Errorf("%d of %d bytes were written", n, len(b))
	}
	if err != nil {
		w.s.metrics.writeErrors.Inc()
	}
	return err
}

// sync makes all that is written durable, and readable.
func (w *writer) sync() error {
	began := time.Now()
	if err := w.file.Sync(); err != nil {
		w.s.metrics.syncErrors.Inc()
		return err
	}
	w.s.metrics.syncSeconds.Observe(time.Since(began).Seconds())
	w.syncAt = time.Time{}
	w.s.advance(w.seg, w.end, w.seq)
	return nil
}
