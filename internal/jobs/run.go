package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
)

// run makes a run if this process gets it, and reports whether it did.
func (r *Runner) run(ctx context.Context, job *Job, run clickhouse.JobRun) (began bool, err error) {
	run.Instance, run.Host = r.o.Instance, r.o.Host
	run, mine, err := r.store.Claim(ctx, run)
	if err != nil || !mine {
		return false, err
	}
	alone, err := r.alone(ctx, run)
	if err != nil || !alone {
		return false, errors.Join(err, r.store.End(ctx, run, clickhouse.RunYielded, ""))
	}
	r.metrics.running.WithLabelValues(job.Name).Set(1)
	defer r.metrics.running.WithLabelValues(job.Name).Set(0)
	start := time.Now()
	failure := r.renewing(ctx, &run, func(ctx context.Context) error { return recovered(ctx, job) })
	return true, r.end(ctx, job, run, failure, time.Since(start))
}

// alone reports whether no other run of the job goes on that began before: each
// writes first and looks then, so that of two one stays.
func (r *Runner) alone(ctx context.Context, run clickhouse.JobRun) (bool, error) {
	running, err := r.store.Running(ctx, run.Job)
	if err != nil {
		return false, err
	}
	for _, other := range running {
		if other.Due.Equal(run.Due) && other.Attempt == run.Attempt {
			return true, nil
		}
		if other.Silence <= r.o.Lease {
			return false, nil
		}
	}
	return false, nil
}

// errLost is why a run is ended that was given to another process.
var errLost = errors.New("the run was given to another process, since this one was silent for too long")

// renewing does something while it says that it goes on. If the run is lost, what it
// does is ended.
func (r *Runner) renewing(ctx context.Context, run *clickhouse.JobRun, do func(context.Context) error) error {
	working, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	done := make(chan struct{})
	var renewal sync.WaitGroup
	renewal.Go(func() {
		tick := time.NewTicker(r.o.Lease / 6)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-done:
				return
			}
			if ours, err := r.store.Renew(working, run); err == nil && !ours {
				giveUp(errLost)
				return
			}
		}
	})
	err := do(working)
	close(done)
	renewal.Wait()
	if errors.Is(context.Cause(working), errLost) {
		return errLost
	}
	return err
}

// recovered keeps a panic in one job from ending the others, and the process.
func recovered(ctx context.Context, job *Job) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic of type %T\n%s", v, debug.Stack())
		}
	}()
	return job.Run(ctx)
}

const (
	endTimeout  = 10 * time.Second // of noting how a run ended, when the process stops
	longestText = 500              // of the reason of a failure
)

func (r *Runner) end(ctx context.Context, job *Job, run clickhouse.JobRun, failure error, took time.Duration) error {
	outcome, reason := clickhouse.RunDone, ""
	switch {
	case errors.Is(failure, errLost):
		outcome = clickhouse.RunLost
	case failure != nil && ctx.Err() != nil:
		outcome, reason = clickhouse.RunFailed, "the process stopped"
	case failure != nil:
		outcome, reason = clickhouse.RunFailed, failure.Error()
	}
	r.metrics.ended(job.Name, outcome, took)
	log := []zap.Field{zap.String("job", job.Name), zap.Time("due", run.Due), zap.Uint16("attempt", run.Attempt), zap.Duration("took", took)}
	if outcome == clickhouse.RunDone {
		r.log.Info("a job is done", log...)
	} else {
		r.log.Error("a job failed; it is tried again", append(log, zap.String("outcome", outcome), zap.String("reason", reason))...)
	}
	if outcome == clickhouse.RunLost { // who took it has noted so
		return nil
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	if err := r.store.End(ending, run, outcome, reason[:min(len(reason), longestText)]); err != nil {
		return err
	}
	if outcome == clickhouse.RunFailed {
		return fmt.Errorf("%w: %s", ErrFailed, reason)
	}
	return nil
}
