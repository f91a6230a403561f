package faulttest_test

import (
	"testing"
	"time"

	"ibarura/internal/faulttest"
)

func TestRetryAfterKillCountsOnce(t *testing.T) {
	t.Parallel()
	s := start(t, false)
	known, cut := s.batch(400), s.batch(400)
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
	under := s.send(b)
	s.eventually("ClickHouse has written", func() bool { return s.rows(b) == b.Distinct() })
	if s.rig.Proxy().Armed() {
		t.Fatal("no answer was lost")
	}
	s.rig.Proxy().CutNow()
	if a, err := <-under.answer, <-under.err; err != nil || a.Accepted != b.Distinct() {
		t.Errorf("%+v %v", a, err)
	}
	s.ledger.Acknowledge(b, 0)
	s.proved()
}

func TestTooManyPartsSlowsDownAndLosesNothing(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"events", "user_month"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			s := start(t, false)
			s.acknowledged(s.batchOf(faulttest.Events, 200))
			if err := s.rig.Alter(t.Context(), table, "MODIFY SETTING parts_to_throw_insert = 1"); err != nil {
				t.Fatal(err)
			}
			b := s.batchOf(faulttest.Events, 200)
			under := s.send(b)
			s.eventually("inserts fail", func() bool { return s.rig.Metric(t.Context(), "ibarura_loader_insert_errors_total") > 0 })
			if err := s.rig.Alter(t.Context(), table, "RESET SETTING parts_to_throw_insert"); err != nil {
				t.Fatal(err)
			}
			if a, err := <-under.answer, <-under.err; err != nil || a.Accepted != b.Distinct() {
				t.Errorf("%+v %v", a, err)
			}
			s.ledger.Acknowledge(b, 0)
			s.proved()
		})
	}
}
