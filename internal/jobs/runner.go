package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2" // kept; its timers, and the one reader of cron expressions
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
)

// Job is something to do now and then.
type Job struct {
	Name     string
	Schedule string        // a cron expression in UTC; empty: not by this process
	After    time.Duration // after the start of the process, before which it is not run
	// Run does it. Its error must name nobody: it is stored and logged. Two processes
	// may be at it for moments, if one has slept.
	Run func(ctx context.Context) error
}

// Store is where runs are claimed and noted; clickhouse.JobRuns is one.
type Store interface {
	Now(ctx context.Context) (time.Time, error)
	// Claim reports whether the run is this process's.
	Claim(ctx context.Context, run clickhouse.JobRun) (clickhouse.JobRun, bool, error)
	// Renew reports false if the run was given to somebody else.
	Renew(ctx context.Context, run *clickhouse.JobRun) (bool, error)
	End(ctx context.Context, run clickhouse.JobRun, outcome, reason string) error
	Lose(ctx context.Context, run clickhouse.JobRun) error
	// Last returns the run of a job that began last; false if there is none.
	Last(ctx context.Context, job string) (clickhouse.JobRun, bool, error)
	// Running returns the runs of a job that have not ended, in an order that is the
	// same for all.
	Running(ctx context.Context, job string) ([]clickhouse.JobRun, error)
}

// Options say who runs, and how soon silence is death.
type Options struct {
	Instance string // names this process among all
	Host     string // for people
	Lease    time.Duration
	Look     time.Duration // between two looks for what was missed
}

// DefaultLease is how long a process may be silent during a run; DefaultLook, how
// soon others notice.
const (
	DefaultLease = time.Minute
	DefaultLook  = time.Minute
)

// Runner runs jobs when they are due.
type Runner struct {
	o         Options
	store     Store
	log       *zap.Logger
	metrics   *metrics
	scheduled []*scheduled
	began     time.Time
}

// scheduled is a job in this process.
type scheduled struct {
	Job
	schedule Schedule
	busy     sync.Mutex // this process is at it
}

// New checks the schedules. Jobs without one are left out.
func New(o Options, store Store, log *zap.Logger, reg prometheus.Registerer, list []Job) (*Runner, error) {
	r := &Runner{o: o, store: store, log: log, metrics: newMetrics(reg), began: time.Now()}
	for _, job := range list {
		if job.Schedule == "" {
			continue
		}
		schedule, err := ParseSchedule(job.Schedule, time.UTC)
		if err != nil {
			return nil, fmt.Errorf("job %s: %w", job.Name, err)
		}
		r.metrics.know(job.Name)
		r.scheduled = append(r.scheduled, &scheduled{Job: job, schedule: schedule})
	}
	return r, nil
}

// Start runs the jobs until stop, which ends what is under way, and waits for it.
func (r *Runner) Start() (stop func(context.Context) error, err error) {
	scheduler, err := gocron.NewScheduler(gocron.WithLocation(time.UTC))
	if err != nil {
		return nil, fmt.Errorf("schedule the jobs: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	for _, job := range r.scheduled {
		look := gocron.NewTask(func() { r.look(ctx, job) })
		once := gocron.WithSingletonMode(gocron.LimitModeReschedule)
		_, onTime := scheduler.NewJob(gocron.CronJob(job.Schedule, false), look, once)
		_, missed := scheduler.NewJob(gocron.DurationJob(r.o.Look), look, once, gocron.WithStartAt(gocron.WithStartImmediately()))
		if err := errors.Join(onTime, missed); err != nil {
			cancel()
			return nil, fmt.Errorf("schedule job %s: %w", job.Name, errors.Join(err, scheduler.Shutdown()))
		}
	}
	scheduler.Start()
	return func(stopping context.Context) error {
		cancel()
		return scheduler.ShutdownWithContext(stopping)
	}, nil
}

// look runs a job if it is due.
func (r *Runner) look(ctx context.Context, job *scheduled) {
	if ctx.Err() != nil || time.Since(r.began) < job.After || !job.busy.TryLock() {
		return
	}
	defer job.busy.Unlock()
	if err := r.runIfDue(ctx, job); err != nil && ctx.Err() == nil {
		r.log.Warn("a job cannot be looked after; it is tried again", zap.String("job", job.Name), zap.Error(err))
	}
}

func (r *Runner) runIfDue(ctx context.Context, job *scheduled) error {
	now, err := r.store.Now(ctx)
	if err != nil {
		return err
	}
	last, found, err := r.store.Last(ctx, job.Name)
	if err != nil {
		return err
	}
	r.metrics.show(job.Name, last, NextRun(job.schedule, last, found, now))
	next, is, lost := due(job.schedule, last, found, now, r.o.Lease)
	if lost {
		r.log.Warn("the process of a run is silent; the run is begun anew", zap.String("job", job.Name), zap.String("host", last.Host))
		if err := r.store.Lose(ctx, last); err != nil {
			return err
		}
	}
	if !is {
		return nil
	}
	next.Job = job.Name
	if _, err = r.run(ctx, &job.Job, next); errors.Is(err, ErrFailed) {
		return nil // it was told
	}
	return err
}

// ErrRuns means that the job runs already.
var ErrRuns = errors.New("the job runs already")

// ErrFailed means that the job was run and failed.
var ErrFailed = errors.New("the job failed")

// RunNow runs a job, whatever its schedule. ErrRuns: another process, or this one,
// is at it.
func (r *Runner) RunNow(ctx context.Context, job Job) error {
	now, err := r.store.Now(ctx)
	if err != nil {
		return err
	}
	r.metrics.know(job.Name)
	began, err := r.run(ctx, &job, clickhouse.JobRun{Job: job.Name, Due: now, Attempt: 1})
	if err == nil && !began {
		err = ErrRuns
	}
	return err
}
