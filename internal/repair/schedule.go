package repair

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
)

// Schedule verifies when it is told to, and shows in every process what was found
// last, in whichever.
type Schedule struct {
	Repairer *Repairer
	Notes    clickhouse.Verifications
	Every    time.Duration // between the begins of two runs, as it is shown; 0: never
	Look     time.Duration // between two looks at what was found
	Host     string
	Log      *zap.Logger

	metrics *scheduleMetrics
}

// Start shows what is found until stop, which waits for its end.
func (s *Schedule) Start(reg prometheus.Registerer) (stop func(context.Context) error) {
	s.metrics = newScheduleMetrics(reg, s.Every)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.showAll(ctx)
	}()
	return func(stopping context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-stopping.Done():
			return stopping.Err()
		}
	}
}

func (s *Schedule) showAll(ctx context.Context) {
	tick := time.NewTicker(s.Look)
	defer tick.Stop()
	for {
		s.show(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Verify holds every aggregate against raw, and notes what it finds: drift is no
// error. Start has to be called before.
func (s *Schedule) Verify(ctx context.Context) error {
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
