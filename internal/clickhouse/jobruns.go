package clickhouse

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Outcomes of a run.
const (
	RunRunning = "running"
	RunDone    = "done"
	RunFailed  = "failed"
	RunLost    = "lost"    // its process died
	RunYielded = "yielded" // another one was already at it
)

// JobRun is a run of a scheduled job. Moments are those of ClickHouse's clock;
// 1970 is never.
type JobRun struct {
	Job      string
	Due      time.Time // the moment of the schedule that it is for
	Attempt  uint16
	Instance string
	Host     string
	Started  time.Time
	Seen     time.Time
	Ended    time.Time
	Outcome  string
	Error    string
	Version  uint64
	Silence  time.Duration // since Seen, when it was read
}

// JobRuns is where runs are noted, for all processes.
type JobRuns struct{ Conn driver.Conn }

const (
	jobRunColumns = "job, due_at, attempt, instance, host, started_at, seen_at, ended_at, outcome, error, version"
	insertJobRun  = "INSERT INTO job_runs (" + jobRunColumns + ")"
	selectJobRuns = `SELECT toString(job), due_at, attempt, instance, host, started_at, seen_at, ended_at, toString(outcome), error, version,
       toInt64(greatest(0, dateDiff('millisecond', seen_at, now64(3, 'UTC'))))
FROM job_runs FINAL `
	// lostVersion is above that of every row of a process that still renews its run.
	lostVersion = 1 << 40
)

// Now is the moment by which runs are due.
func (r JobRuns) Now(ctx context.Context) (time.Time, error) {
	now, err := serverNow(ctx, r.Conn)
	if err != nil {
		return now, fmt.Errorf("ask for the time: %w", err)
	}
	return now, nil
}

// Claim begins a run, and reports whether it is this process's: another one may
// have claimed the same attempt at the same occasion.
func (r JobRuns) Claim(ctx context.Context, run JobRun) (JobRun, bool, error) {
	now, err := r.Now(ctx)
	if err != nil {
		return run, false, err
	}
	run.Started, run.Seen, run.Ended, run.Outcome, run.Version = now, now, never, RunRunning, 1
	token := fmt.Sprintf("%s\x00%d\x00%d", run.Job, run.Due.UnixMilli(), run.Attempt)
	if err := insertClaim(ctx, r.Conn, insertJobRun, token, run.row()...); err != nil {
		return run, false, fmt.Errorf("claim a run: %w", err)
	}
	found, err := r.read(ctx, "WHERE job = {job:String} AND due_at = {due:DateTime64(3, 'UTC')} AND attempt = {attempt:UInt16}", run.key())
	if err != nil || len(found) != 1 {
		return run, false, err
	}
	return run, found[0].Instance == run.Instance && found[0].Outcome == RunRunning, nil
}

// Renew says that a run goes on. It reports false if another process has taken
// it to be lost.
func (r JobRuns) Renew(ctx context.Context, run *JobRun) (bool, error) {
	found, err := r.read(ctx, "WHERE job = {job:String} AND due_at = {due:DateTime64(3, 'UTC')} AND attempt = {attempt:UInt16}", run.key())
	if err != nil {
		return true, err
	}
	if len(found) != 1 || found[0].Outcome != RunRunning {
		return false, nil
	}
	now, err := r.Now(ctx)
	if err != nil {
		return true, err
	}
	run.Seen = now
	run.Version++
	return true, r.store(ctx, *run)
}

// End notes how a run ended.
func (r JobRuns) End(ctx context.Context, run JobRun, outcome, reason string) error {
	now, err := r.Now(ctx)
	if err != nil {
		return err
	}
	run.Seen, run.Ended, run.Outcome, run.Error = now, now, outcome, reason
	run.Version++
	return r.store(ctx, run)
}

// Lose notes that the process of a run is dead, or asleep and will find out.
func (r JobRuns) Lose(ctx context.Context, run JobRun) error {
	run.Outcome, run.Ended, run.Version = RunLost, run.Seen, lostVersion
	return r.store(ctx, run)
}

// Last returns the run of a job that began last; false if there is none.
func (r JobRuns) Last(ctx context.Context, job string) (JobRun, bool, error) {
	found, err := r.read(ctx, "WHERE job = {job:String} AND outcome != 'yielded' ORDER BY started_at DESC, due_at DESC, attempt DESC LIMIT 1", map[string]string{"job": job})
	if err != nil || len(found) == 0 {
		return JobRun{}, false, err
	}
	return found[0], true, nil
}

// Running returns the runs of a job that have not ended, in the order of their
// beginning: all processes see the same one first.
func (r JobRuns) Running(ctx context.Context, job string) ([]JobRun, error) {
	return r.read(ctx, "WHERE job = {job:String} AND outcome = 'running' ORDER BY started_at, due_at, attempt, instance", map[string]string{"job": job})
}

// Recent returns up to limit runs, the latest first.
func (r JobRuns) Recent(ctx context.Context, limit int) ([]JobRun, error) {
	return r.read(ctx, "ORDER BY started_at DESC, job LIMIT {limit:UInt32}", map[string]string{"limit": strconv.Itoa(limit)})
}

func (r JobRuns) store(ctx context.Context, run JobRun) error {
	if err := insertState(ctx, r.Conn, insertJobRun, run.row()...); err != nil {
		return fmt.Errorf("note a run: %w", err)
	}
	return nil
}

func (r JobRuns) read(ctx context.Context, where string, values map[string]string) ([]JobRun, error) {
	rows, err := r.Conn.Query(quiet(ctx, values), selectJobRuns+where)
	if err != nil {
		return nil, fmt.Errorf("read the runs: %w", err)
	}
	var list []JobRun
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var run JobRun
		var silence int64
		if err := scan(&run.Job, &run.Due, &run.Attempt, &run.Instance, &run.Host, &run.Started, &run.Seen, &run.Ended, &run.Outcome, &run.Error, &run.Version, &silence); err != nil {
			return fmt.Errorf("read the runs: %w", err)
		}
		run.Silence = time.Duration(silence) * time.Millisecond
		list = append(list, run)
		return nil
	})
	return list, err
}

func (run *JobRun) key() map[string]string {
	return map[string]string{"job": run.Job, "due": moment(run.Due), "attempt": strconv.Itoa(int(run.Attempt))}
}

func (run *JobRun) row() []any {
	return []any{run.Job, run.Due, run.Attempt, run.Instance, run.Host, run.Started, run.Seen, run.Ended, run.Outcome, run.Error, run.Version}
}
