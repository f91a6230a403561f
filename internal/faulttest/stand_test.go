package faulttest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ibarura/internal/faulttest"
)

// stand is a running service for one test about one fault.
type stand struct {
	t      *testing.T
	rig    *faulttest.Rig
	world  faulttest.World
	door   *faulttest.FrontDoor
	ledger *faulttest.Ledger
	random *rand.Rand
	name   string // what the ids of its batches begin with
	made   int    // batches
}

// calm is a setup in which a batch is inserted as it came.
var calm = faulttest.Setup{
	BatchRows: 50_000, BatchAge: 20 * time.Millisecond, Inserters: 2, SegmentBytes: 64 << 20, MaxBytes: 1 << 30, Compression: "none", Grace: time.Minute,
}

// start starts the service, apart from its engine or not. It is stopped, and
// looked at for crashes, at the end of the test.
func start(t *testing.T, apart bool) *stand {
	t.Helper()
	rig, err := faulttest.OpenRig(t.Context(), binary(t), t.TempDir(), apart)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rig.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	s := &stand{t: t, rig: rig, ledger: faulttest.NewLedger(), name: "b", random: rand.New(rand.NewPCG(7, 7))}
	s.world = faulttest.NewWorld(s.random)
	s.serve(calm)
	keys, err := rig.CreateProjects(t.Context(), s.world.Projects)
	if err != nil {
		t.Fatal(err)
	}
	s.door = &faulttest.FrontDoor{Address: rig.URL, Keys: keys, Patience: 30 * time.Second}
	if err := faulttest.AwaitKeys(t.Context(), s.door, s.world.Projects); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *stand) serve(setup faulttest.Setup) {
	s.t.Helper()
	if err := s.rig.Serve(setup); err != nil {
		s.t.Fatal(err)
	}
}

// batch makes one with so many items, and notes that it is sent.
func (s *stand) batch(items int) *faulttest.Batch { return s.batchOf("", items) }

func (s *stand) batchOf(kind faulttest.Kind, items int) *faulttest.Batch {
	return s.draw(faulttest.BatchOptions{MaxItems: items, Exactly: true, Kind: kind})
}

func (s *stand) draw(o faulttest.BatchOptions) *faulttest.Batch {
	s.made++
	b := s.world.Batch(s.random, fmt.Sprintf("%s%d", s.name, s.made), o)
	s.ledger.Offer(b)
	return b
}

// settled returns when all that was acknowledged can be queried.
func (s *stand) settled() {
	s.t.Helper()
	s.acknowledged(s.draw(faulttest.BatchOptions{MaxItems: 1, Exactly: true, WaitPercent: 100}))
}

// restart ends serve politely and starts it in another way.
func (s *stand) restart(setup faulttest.Setup) {
	s.t.Helper()
	if err := s.rig.Stop(); err != nil {
		s.t.Fatal(err)
	}
	s.serve(setup)
}

// beside starts another serve, with a spool of its own, on the same ClickHouse.
func (s *stand) beside() *stand {
	s.t.Helper()
	other := *s
	other.name, other.made = "other", 0
	other.rig = s.rig.Beside(s.t.TempDir())
	other.door = &faulttest.FrontDoor{Address: other.rig.URL, Keys: s.door.Keys, Patience: s.door.Patience}
	s.t.Cleanup(func() {
		if err := other.rig.Close(context.Background()); err != nil {
			s.t.Error(err)
		}
	})
	other.serve(calm)
	return &other
}

// sending is a batch under way.
type sending struct {
	answer chan faulttest.Answer
	err    chan error
}

// send offers a batch once, while the test goes on.
func (s *stand) send(b *faulttest.Batch) sending {
	under := sending{make(chan faulttest.Answer, 1), make(chan error, 1)}
	go func() {
		a, err := s.door.Send(context.Background(), b, len(b.Body))
		under.answer <- a
		under.err <- err
	}()
	return under
}

// acknowledged sends a batch until it is answered 200 and returns the answer.
func (s *stand) acknowledged(b *faulttest.Batch) faulttest.Answer {
	s.t.Helper()
	var a faulttest.Answer
	s.eventually("the batch is acknowledged", func() bool {
		var err error
		a, err = s.door.Send(s.t.Context(), b, len(b.Body))
		return err == nil && a.Status == http.StatusOK
	})
	s.ledger.Acknowledge(b, a.Duplicates)
	return a
}

// rows is how many rows of a batch are in its raw table.
func (s *stand) rows(b *faulttest.Batch) int {
	s.t.Helper()
	conn := s.conn()
	defer func() { _ = conn.Close() }()
	n, err := b.Stored(s.t.Context(), conn)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *stand) conn() driver.Conn {
	s.t.Helper()
	conn, err := s.rig.Open()
	if err != nil {
		s.t.Fatal(err)
	}
	return conn
}

// proved fails the test unless every acknowledged id is stored once, and every
// aggregate equals raw.
func (s *stand) proved() *faulttest.Audit {
	s.t.Helper()
	s.settled()
	conn := s.conn()
	defer func() { _ = conn.Close() }()
	audit, err := s.ledger.Audit(s.t.Context(), conn, s.world.Projects)
	if err != nil {
		s.t.Fatal(err)
	}
	if !audit.Clean() {
		s.t.Errorf("%+v", audit)
	}
	return audit
}

func (s *stand) eventually(what string, is func() bool) {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	s.t.Fatalf("not within a minute: %s", what)
}
