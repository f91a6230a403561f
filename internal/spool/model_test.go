package spool_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ibarura/internal/spool"
	"ibarura/internal/spool/faultfs"
)

// fate is what may become of a unit.
type fate int

const (
	acknowledged fate = iota // it is read, until it is released
	lost                     // it is never read
	open                     // it is read as a whole or not at all
)

// modelUnit is a unit that was appended, and where its records were seen.
type modelUnit struct {
	records []spool.Record
	fate    fate
	failed  bool // the ticket said so, and nothing was acknowledged since
	inLine  *spool.Ticket
	seen    []spool.Entry // without data
}

// model drives a spool on a disk with faults and knows what has to be in it.
type model struct {
	dir   string
	disk  *faultfs.FS
	o     spool.Options
	s     *spool.Spool
	units []*modelUnit
	gone  spool.LSN // all before is released
}

func newModel(t *rapid.T) *model {
	dir, err := os.MkdirTemp("", "spool")
	if err != nil {
		t.Fatal(err)
	}
	m := &model{dir: dir, disk: faultfs.New(faultfs.NewMemory(), rapid.Uint64().Draw(t, "seed"))}
	m.o = spool.Options{Dir: dir, FS: m.disk, SegmentBytes: 64 << 10, MaxBytes: 8 << 20, MaxGroupBytes: 128 << 10}
	m.o.Compression = rapid.SampledFrom([]spool.Compression{spool.None, spool.S2}).Draw(t, "compression")
	m.o.Policy = rapid.SampledFrom([]spool.Policy{spool.AckFsync, spool.AckWrite}).Draw(t, "policy")
	m.o.SyncInterval = time.Millisecond
	m.open(t)
	return m
}

func (m *model) open(t *rapid.T) {
	var err error
	if m.s, err = spool.Open(context.Background(), m.o); err != nil {
		t.Fatal(err)
	}
}

func (m *model) close() {
	_ = m.s.Close(context.Background())
	_ = os.RemoveAll(m.dir)
}

// put appends a unit of some records; their text says which unit and which
// record of it they are.
func (m *model) put(t *rapid.T) *modelUnit {
	u := &modelUnit{fate: open}
	sizes := rapid.SliceOfN(rapid.IntRange(0, 30_000), 1, 4).Draw(t, "sizes")
	for i, size := range sizes {
		text := fmt.Sprintf("%d/%d/%d ", len(m.units), i, len(sizes))
		text += strings.Repeat(string(rune('a'+i)), size)
		u.records = append(u.records, spool.Record{
			Table: uint8(i), Month: int32(-i), Rows: uint32(rapid.IntRange(1, 1000).Draw(t, "rows")), Data: []byte(text),
		})
	}
	m.units = append(m.units, u)
	ticket, err := m.s.Append(context.Background(), u.records)
	if err != nil {
		u.fate = lost // it was never taken
		return u
	}
	u.inLine = ticket
	return u
}

// settle waits for everything in line.
func (m *model) settle(t *rapid.T) {
	for _, u := range m.units {
		if u.inLine == nil {
			continue
		}
		err := u.inLine.Wait(context.Background())
		u.inLine = nil
		if err != nil {
			u.failed = true
			continue
		}
		u.fate = acknowledged
		m.nothingFailedComesBack(t)
	}
}

// nothingFailedComesBack: once something is acknowledged after a failure, there
// is a new segment which says that what failed is not to be read.
func (m *model) nothingFailedComesBack(t *rapid.T) {
	for _, u := range m.units {
		if u.failed && u.fate == open {
			if u.seen != nil {
				t.Fatalf("a unit that failed was read: %q", u.records[0].Data[:10])
			}
			u.fate = lost
		}
	}
}

// checkNow checks a spool that is in use, if what is acknowledged can be read at
// once.
func (m *model) checkNow(t *rapid.T) {
	if m.o.Policy == spool.AckFsync {
		m.check(t)
	}
}

// check reads everything and compares.
func (m *model) check(t *rapid.T) {
	var entries []spool.Entry
	var keys []string
	end, err := m.s.Read(m.gone, func(e spool.Entry) bool {
		keys = append(keys, string(e.Data))
		e.Data = nil
		entries = append(entries, e)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	if end != max(m.s.Durable(), m.gone) {
		t.Fatalf("read up to %d, durable is %d", end, m.s.Durable())
	}
	m.compare(t, entries, keys)
}

func (m *model) compare(t *rapid.T, entries []spool.Entry, data []string) {
	next, last := 0, spool.Entry{}
	for i := 0; i < len(entries); {
		var number, index, records int
		if _, err := fmt.Sscanf(data[i], "%d/%d/%d ", &number, &index, &records); err != nil {
			t.Fatalf("read what was never appended: %.20q", data[i])
		}
		for ; next < number; next++ {
			m.absent(t, next)
		}
		if number != next || index != 0 && m.gone == 0 {
			t.Fatalf("read unit %d, record %d, where unit %d is due", number, index, next)
		}
		u := m.units[number]
		if u.fate == lost {
			t.Fatalf("unit %d was lost, and is read", number)
		}
		for ; index < records; index++ {
			if i == len(entries) {
				t.Fatalf("unit %d ends after %d of %d records", number, index, records)
			}
			u.compare(t, index, entries[i], data[i], last)
			last = entries[i]
			i++
		}
		next++
	}
	for ; next < len(m.units); next++ {
		m.absent(t, next)
	}
}

// absent: a unit that is not read was lost, released, or never acknowledged.
func (m *model) absent(t *rapid.T, number int) {
	u := m.units[number]
	released := u.seen != nil && u.seen[len(u.seen)-1].End <= m.gone
	if u.fate == acknowledged && !released {
		t.Fatalf("unit %d was acknowledged, and is not read", number)
	}
}

func (u *modelUnit) compare(t *rapid.T, index int, e spool.Entry, data string, last spool.Entry) {
	r := &u.records[index]
	if data != string(r.Data) || e.Table != r.Table || e.Month != r.Month || e.Rows != r.Rows {
		t.Fatalf("record %d of a unit came back as another: %.20q for %.20q", index, data, r.Data)
	}
	if e.Seq < last.Seq+uint64(last.Rows) || e.At < last.End {
		t.Fatalf("record at %d with row %d follows one that ends at %d with row %d", e.At, e.Seq, last.End, last.Seq+uint64(last.Rows))
	}
	if u.seen == nil {
		u.seen = make([]spool.Entry, len(u.records))
	}
	if was := u.seen[index]; was.Rows != 0 && (was.At != e.At || was.Seq != e.Seq || was.End != e.End) {
		t.Fatalf("a record moved from %d to %d, its row from %d to %d", was.At, e.At, was.Seq, e.Seq)
	}
	u.seen[index] = e
}

// restart opens the spool again after an end of the given kind.
func (m *model) restart(t *rapid.T, end func() error) {
	m.disk.SetHook(nil)
	if err := end(); err != nil {
		t.Fatal(err)
	}
	_ = m.s.Close(context.Background())
	m.settleAfterCrash()
	m.disk.PowerOn()
	m.open(t)
	m.check(t)
	m.nobodyElseComesBack()
}

// inMidSync returns an end that comes when a group is written and its sync has
// not returned, while another unit waits for the group after.
func (m *model) inMidSync(t *rapid.T, end func() error) func() error {
	return func() error {
		reached, goOn := make(chan struct{}, 1000), make(chan struct{})
		defer close(goOn)
		m.disk.SetHook(func(op faultfs.Op) faultfs.Fault {
			if op.Kind == faultfs.Sync {
				reached <- struct{}{}
				<-goOn
			}
			return faultfs.Fault{}
		})
		if u := m.put(t); u.inLine != nil {
			select {
			case <-reached:
			case <-u.inLine.Done(): // no segment could be made
			}
			m.put(t)
		}
		return end()
	}
}

// settleAfterCrash notes what the tickets say; what was not acknowledged is
// open.
func (m *model) settleAfterCrash() {
	for _, u := range m.units {
		if u.inLine != nil && u.inLine.Err() == nil {
			u.fate = acknowledged
		}
		u.inLine = nil
	}
}

// nobodyElseComesBack: what is open and was read after a start stays, what was
// not is gone for good.
func (m *model) nobodyElseComesBack() {
	for _, u := range m.units {
		switch {
		case u.fate == open && u.seen != nil:
			u.fate = acknowledged
		case u.fate == open:
			u.fate = lost
		}
	}
}

func (m *model) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"": m.checkNow,
		"append": func(t *rapid.T) {
			m.put(t)
			m.settle(t)
		},
		"append several": func(t *rapid.T) {
			for range rapid.IntRange(2, 5).Draw(t, "units") {
				m.put(t)
			}
			m.settle(t)
		},
		"close": func(t *rapid.T) {
			m.restart(t, func() error { return m.s.Close(context.Background()) })
		},
		"crash": func(t *rapid.T) {
			m.restart(t, m.inMidSync(t, func() error { m.disk.Crash(); return nil }))
		},
		"power loss": func(t *rapid.T) {
			if m.o.Policy == spool.AckWrite {
				return // what is only written may be lost
			}
			m.restart(t, m.inMidSync(t, m.disk.PowerLoss))
		},
		"faults": func(t *rapid.T) {
			m.disk.SetHook(faultfs.Random(rapid.Uint64().Draw(t, "faults"), faultfs.Rates{
				Write: .2, Sync: .2, Allocate: .2, Name: .1, Slow: .2, SlowUntil: time.Millisecond,
			}))
		},
		"no faults": func(*rapid.T) { m.disk.SetHook(nil) },
		"release": func(t *rapid.T) {
			m.checkNow(t)
			if m.units == nil || m.o.Policy == spool.AckWrite {
				return // what is released has to be known
			}
			records := rapid.IntRange(1, 20).Draw(t, "records")
			at, err := m.s.Read(m.gone, func(spool.Entry) bool { records--; return records > 0 })
			if err != nil {
				t.Fatal(err)
			}
			m.gone = at
			m.s.Release(at)
		},
	}
}

func TestWhatIsAcknowledgedSurvivesEverythingAndNothingElseIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		defer m.close()
		t.Repeat(m.actions())
	})
}
