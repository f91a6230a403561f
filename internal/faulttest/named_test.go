package faulttest_test

import (
	"net/http"
	"testing"
	"time"

	"ibarura/internal/faulttest"
)

func TestRetryAfterKillCountsOnce(t *testing.T) {
	t.Parallel()
	s := start(t, false)
	known, cut := s.batch(400), s.batch(2000)
	s.acknowledged(known)
	under := s.send(cut)
	s.rig.KillBoth()
	<-under.answer
	s.serve(calm)
	if a := s.acknowledged(known); a.Accepted != 0 {
		t.Errorf("what was acknowledged before is new: %+v", a)
	}
	s.acknowledged(cut)
	s.proved()
}

func TestCutAnswerOfAnInsertCountsOnce(t *testing.T) {
	t.Parallel()
	s := start(t, true)
	b := s.batch(500)
	s.rig.Proxy().CutOnce(faulttest.Cut{After: 8 << 10, LoseAnswer: time.Minute})
	s.acknowledged(b)
	s.eventually("ClickHouse has written", func() bool { return s.rows(b) > 0 })
	if s.rig.Proxy().Armed() {
		t.Fatal("no answer was lost")
	}
	s.rig.Proxy().CutNow()
	s.proved()
}

// The batches that were begun are sent again as they were, rows and tokens,
// although this serve would cut the log in other places.
func TestRestartWithAnotherBatchSizeKeepsTheRecordedBoundaries(t *testing.T) {
	t.Parallel()
	s := start(t, true)
	small := calm
	small.BatchRows = 300
	s.restart(small)
	first := s.batch(2000)
	s.rig.Proxy().CutOnce(faulttest.Cut{After: 8 << 10, LoseAnswer: time.Minute})
	s.acknowledged(first)
	s.eventually("ClickHouse has written", func() bool { return s.rows(first) > 0 })
	s.rig.Kill()
	s.rig.Proxy().Calm()
	large := calm
	large.BatchRows = 1700
	s.serve(large)
	s.acknowledged(s.batch(100))
	s.proved()
}

func TestPoisonGoesToQuarantineAndItsNeighboursAreCounted(t *testing.T) {
	t.Parallel()
	s := start(t, false)
	if err := s.rig.Alter(t.Context(), "events", faulttest.Poisoned); err != nil {
		t.Fatal(err)
	}
	b := s.draw(faulttest.BatchOptions{MaxItems: 1000, Exactly: true, Kind: faulttest.Events, Poison: 300})
	if b.Poison() == 0 {
		t.Fatal("the batch has no poison")
	}
	s.acknowledged(b)
	if audit := s.proved(); audit.Quarantined != b.Poison() || audit.Stored < b.Distinct()-b.Poison() {
		t.Errorf("%d of %d in quarantine, %d stored", audit.Quarantined, b.Poison(), audit.Stored)
	}
}

func TestTooManyPartsSlowsDownAndLosesNothing(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"events", "user_month"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			s := start(t, false)
			s.acknowledged(s.batchOf(faulttest.Events, 200))
			s.settled()
			if err := s.rig.Alter(t.Context(), table, "MODIFY SETTING parts_to_throw_insert = 1"); err != nil {
				t.Fatal(err)
			}
			s.acknowledged(s.batchOf(faulttest.Events, 200))
			s.eventually("inserts fail", func() bool { return s.rig.Metric(t.Context(), "ibarura_loader_insert_errors_total") > 0 })
			if err := s.rig.Alter(t.Context(), table, "RESET SETTING parts_to_throw_insert"); err != nil {
				t.Fatal(err)
			}
			s.proved()
		})
	}
}

func TestTwoInstancesOnOneClickHouseCountOnce(t *testing.T) {
	t.Parallel()
	s := start(t, true)
	other := s.beside()
	for range 4 {
		a, b := s.batch(500), other.batch(500)
		under := s.send(a)
		other.acknowledged(b)
		<-under.answer
		s.acknowledged(a)
	}
	other.rig.Kill()
	s.acknowledged(s.batch(500))
	other.serve(calm)
	other.acknowledged(other.batch(500))
	s.settled()
	other.proved()
}

func TestAFullSpoolIsAnswered503AndNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	s := start(t, true)
	tight := calm
	tight.SegmentBytes, tight.MaxBytes, tight.Grace = 64<<10, 1<<20, 0
	s.restart(tight)
	s.fillUp(s.rig.Proxy().Refuse, s.rig.Proxy().Admit)
}

// fillUp posts while ClickHouse is away until the spool takes no more, lets it
// come back, and posts what was refused again.
func (s *stand) fillUp(away, back func()) {
	s.t.Helper()
	away()
	refused := s.batch(500)
	for n := 0; ; n++ {
		a, err := s.door.Send(s.t.Context(), refused, len(refused.Body))
		if err != nil || n == 1000 {
			s.t.Fatalf("after %d batches: %+v %v", n, a, err)
		}
		if a.Status != http.StatusOK {
			if a.Status != http.StatusServiceUnavailable || a.Code != "overloaded" || a.RetryAfter == 0 {
				s.t.Errorf("a full spool is answered %+v", a)
			}
			break
		}
		s.ledger.Acknowledge(refused, a.Duplicates)
		refused = s.batch(500)
	}
	back()
	s.acknowledged(refused)
	s.proved()
}
