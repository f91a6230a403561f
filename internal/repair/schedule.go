package repair

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
)

// Schedule verifies now and then, in one of the processes that share a
// ClickHouse, and shows in each what was found last.
type Schedule struct {
	Repairer *Repairer
	Notes    clickhouse.Verifications
	Every    time.Duration // between the begins of two runs; 0: never
	First    time.Duration // until the first look whether one is due: a start has enough to do
	Look     time.Duration // between two looks
	Host     string
	Log      *zap.Logger

	metrics *scheduleMetrics
}

// retryAfter is the pause after a run that could not tell.
const retryAfter = time.Hour

// Start runs the schedule until stop, which waits for its end.
func (s *Schedule) Start(reg prometheus.Registerer) (stop func(context.Context) error) {
	s.metrics = newScheduleMetrics(reg, s.Every)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.run(ctx)
	}()
	return func(stopping context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-stopping.Done():
			return errors.New("a verification under way does not end")
		}
	}
}

func (s *Schedule) run(ctx context.Context) {
	s.show(ctx)
	for pause := s.First; ; pause = s.Look {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		s.verifyIfDue(ctx)
		s.show(ctx)
	}
}

func (s *Schedule) verifyIfDue(ctx context.Context) {
	if s.Every == 0 {
		return
	}
	due, err := s.Notes.Due(ctx, s.Every, min(s.Every, retryAfter))
	if err == nil && due {
		err = s.verify(ctx)
	}
	if err != nil && ctx.Err() == nil {
		s.Log.Warn("the aggregates could not be held against raw", zap.Error(err))
	}
}

func (s *Schedule) verify(ctx context.Context) error {
	run, err := s.Notes.Begin(ctx, s.Host)
	if err != nil {
		return err
	}
	began := time.Now()
	tables, err := s.Repairer.Verify(ctx, Question{})
	run.Outcome, run.Differing = clickhouse.VerificationEqual, map[string]uint64{}
	var rows, differing uint64
	for _, t := range tables {
		rows += t.Rows
		differing += t.Differing
		run.Differing[t.Table] = t.Differing
		if t.Differing > 0 {
			s.Log.Error("an aggregate does not say what raw does; see docs/runbooks/IbaruraAggregatesDrift.md",
				zap.String("table", t.Table), zap.Uint64("rows", t.Differing), zap.Int("periods", len(t.Drifts)))
		}
	}
	switch {
	case err != nil:
		run.Outcome = clickhouse.VerificationFailed
	case differing > 0:
		run.Outcome = clickhouse.VerificationDrift
	}
	s.metrics.runs.WithLabelValues(run.Outcome).Inc()
	s.metrics.seconds.Set(time.Since(began).Seconds())
	s.Log.Info("the aggregates were held against raw", zap.String("outcome", run.Outcome),
		zap.Uint64("rows", rows), zap.Uint64("differing", differing), zap.Duration("took", time.Since(began)))
	note, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	return errors.Join(err, s.Notes.End(note, run))
}

// noteTimeout bounds noting what was found when the process stops.
const noteTimeout = 5 * time.Second

// show takes over what any process has found last.
func (s *Schedule) show(ctx context.Context) {
	last, told, err := s.Notes.Last(ctx)
	if err != nil {
		return // what was found before is still what is known
	}
	s.metrics.show(last, told)
}
