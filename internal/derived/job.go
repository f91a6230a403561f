package derived

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/freshness"
)

// Options bound the job.
type Options struct {
	// Every is the least time between the beginnings of two runs of a part of a
	// project in which something has landed.
	Every time.Duration
	// Timeout bounds one run; a claim on it lapses after as long.
	Timeout time.Duration
	// Keep is how long a run's rows stay after it began, if it is not in force:
	// longer than a run and than any question that may still read it.
	Keep time.Duration
}

// rest is how many times its own duration a run has to be ago before the next
// one: what a large project costs is bounded so, not how old it gets.
const rest = 5

// Projects lists the projects there are.
type Projects interface {
	Projects(ctx context.Context) ([]Project, error)
}

// Job keeps the derived tables fresh. It is safe for concurrent use, also by
// several processes.
type Job struct {
	options  Options
	db       Database
	projects Projects
	log      *zap.Logger
	metrics  *metrics
	holder   string // names this process in claims
}

// New returns a job that does nothing yet.
func New(options Options, db Database, projects Projects, log *zap.Logger, reg prometheus.Registerer) *Job {
	return &Job{options: options, db: db, projects: projects, log: log, metrics: newMetrics(reg), holder: uuid.NewString()}
}

// Start runs the job until stop is called, which waits for what is under way to
// be broken off.
func (j *Job) Start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(max(j.options.Every/4, time.Second))
		defer tick.Stop()
		for {
			if err := j.Round(ctx); err != nil && ctx.Err() == nil {
				j.log.Warn("derived tables could not be made anew; questions are answered without them", zap.Error(err))
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// Round derives what is due in every project, and drops runs that are over.
func (j *Job) Round(ctx context.Context) error {
	projects, err := j.projects.Projects(ctx)
	if err != nil {
		return fmt.Errorf("derive: list the projects: %w", err)
	}
	var errs []error
	for _, p := range projects {
		errs = append(errs, j.deriveDue(ctx, p))
	}
	return errors.Join(append(errs, j.drop(ctx))...)
}

func (j *Job) deriveDue(ctx context.Context, p Project) error {
	stand, err := j.look(ctx, p.Name)
	if err != nil {
		return err
	}
	var errs []error
	for _, part := range freshness.Parts() {
		attempt, due := j.due(stand, part)
		if !due {
			continue
		}
		mine, err := j.db.Claim(ctx, p.Name, string(part), stand.Runs[part].ID, attempt, j.holder)
		if err == nil && mine {
			err = j.derive(ctx, p, part)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// due reports whether a part is to be derived, and which attempt it is: one that
// nobody has brought to its end lapses.
func (j *Job) due(stand *freshness.Stand, part freshness.Part) (attempt uint32, due bool) {
	previous := stand.Runs[part]
	if len(stand.Changed(previous)) == 0 && (previous.ID != 0 || len(stand.Marks) == 0) {
		return 0, false
	}
	over := stand.At.Sub(previous.AsOf.Add(max(j.options.Every, rest*previous.Took)))
	return uint32(over / j.options.Timeout), over >= 0
}

// Refresh derives every part of a project at once, whatever is due: after an
// erasure, so that nothing is left of the person.
func (j *Job) Refresh(ctx context.Context, p Project) error {
	var errs []error
	for _, part := range freshness.Parts() {
		errs = append(errs, j.derive(ctx, p, part))
	}
	return errors.Join(append(errs, j.drop(ctx))...)
}

func (j *Job) derive(ctx context.Context, p Project, part freshness.Part) error {
	ctx, cancel := context.WithTimeout(ctx, j.options.Timeout)
	defer cancel()
	start := time.Now()
	stand, err := j.look(ctx, p.Name)
	if err == nil {
		err = derive(ctx, j.db, p, part, stand)
	}
	j.metrics.observe(part, time.Since(start), err)
	return err
}

func (j *Job) look(ctx context.Context, project string) (stand *freshness.Stand, err error) {
	err = j.db.Query(ctx, "stand", freshness.Query, params{"project": project}, func(scan func(dest ...any) error) error {
		stand, err = freshness.Scan(scan)
		return err
	})
	return stand, err
}

// drop drops the rows of runs that are over, those of runs that failed too.
func (j *Job) drop(ctx context.Context) error {
	before := params{"before": number(firstID(time.Now().Add(-j.options.Keep)))}
	var errs []error
	for _, part := range freshness.Parts() {
		var runs []uint64
		left, gone := string(part)+"_left", string(part)+"_drop"
		err := j.db.Query(ctx, left, statement(left), before, func(scan func(dest ...any) error) error {
			var id uint64
			err := scan(&id)
			runs = append(runs, id)
			return err
		})
		errs = append(errs, err)
		for _, id := range runs {
			errs = append(errs, j.db.Exec(ctx, gone, statement(gone), params{"run": number(id)}))
		}
	}
	return errors.Join(errs...)
}
