package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/jobs"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

func open(t *testing.T) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(enginetest.Migrated(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// runner is one process.
func runner(t *testing.T, conn driver.Conn, instance string, list ...jobs.Job) *jobs.Runner {
	t.Helper()
	r, err := jobs.New(jobs.Options{Instance: instance, Host: "test", Lease: 600 * time.Millisecond, Look: 50 * time.Millisecond},
		clickhouse.JobRuns{Conn: conn}, zap.NewNop(), prometheus.NewRegistry(), list)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func start(t *testing.T, r *jobs.Runner) (stop func()) {
	t.Helper()
	end, err := r.Start()
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := end(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// runsOf lists the runs of a job, the latest first, as outcome#attempt.
func runsOf(t *testing.T, conn driver.Conn, job string) []clickhouse.JobRun {
	t.Helper()
	all, err := clickhouse.JobRuns{Conn: conn}.Recent(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	var list []clickhouse.JobRun
	for _, run := range all {
		if run.Job == job {
			list = append(list, run)
		}
	}
	return list
}

// note stores a run that began some time ago.
func note(t *testing.T, conn driver.Conn, job, outcome string, ago time.Duration) {
	t.Helper()
	err := conn.Exec(t.Context(), fmt.Sprintf(`INSERT INTO job_runs SELECT '%s', now64(3) - INTERVAL %d SECOND, 1, 'gone', 'elsewhere',
now64(3) - INTERVAL %[2]d SECOND, now64(3) - INTERVAL %[2]d SECOND, now64(3) - INTERVAL %[2]d SECOND, '%s', '', 1`, job, int(ago.Seconds()), outcome))
	if err != nil {
		t.Fatal(err)
	}
}

func TestOfManyProcessesOneDoesEachRun(t *testing.T) {
	conn := open(t)
	var runs, at atomic.Int64
	job := jobs.Job{Name: "shared", Schedule: "@every 1s", Run: func(context.Context) error {
		if at.Add(1) != 1 {
			t.Error("two are at it")
		}
		time.Sleep(100 * time.Millisecond)
		at.Add(-1)
		runs.Add(1)
		return nil
	}}
	var stops []func()
	for i := range 4 {
		stops = append(stops, start(t, runner(t, conn, fmt.Sprint("process ", i), job)))
	}
	eventually(t, "five runs", func() bool { return runs.Load() >= 5 })
	for _, stop := range stops {
		stop()
	}
	seen, done := map[time.Time]bool{}, int64(0)
	for _, run := range runsOf(t, conn, "shared") {
		if seen[run.Due] {
			t.Errorf("%s was done twice", run.Due)
		}
		seen[run.Due] = true
		if run.Outcome == clickhouse.RunDone {
			done++
		}
	}
	if done != runs.Load() {
		t.Errorf("%d runs are noted as done, %d were", done, runs.Load())
	}
}

func TestAStopOfAWeekIsCaughtUpOnce(t *testing.T) {
	conn := open(t)
	note(t, conn, "nightly", clickhouse.RunDone, 7*24*time.Hour)
	var runs atomic.Int64
	stop := start(t, runner(t, conn, "late", jobs.Job{Name: "nightly", Schedule: "@daily", Run: func(context.Context) error {
		runs.Add(1)
		return nil
	}}))
	eventually(t, "it is caught up", func() bool { return runs.Load() == 1 })
	time.Sleep(500 * time.Millisecond) // ten looks
	stop()
	if runs.Load() != 1 {
		t.Errorf("it was caught up %d times", runs.Load())
	}
}

func TestARunWhoseProcessDiedIsBegunAnew(t *testing.T) {
	conn := open(t)
	note(t, conn, "orphan", clickhouse.RunRunning, 5*time.Minute)
	stop := start(t, runner(t, conn, "heir", jobs.Job{Name: "orphan", Schedule: "@yearly", Run: func(context.Context) error { return nil }}))
	eventually(t, "it is done", func() bool {
		list := runsOf(t, conn, "orphan")
		return len(list) == 2 && list[0].Outcome == clickhouse.RunDone && list[0].Attempt == 2 && list[1].Outcome == clickhouse.RunLost
	})
	stop()
}

func TestWhoLostItsRunEndsIt(t *testing.T) {
	conn := open(t)
	store := clickhouse.JobRuns{Conn: conn}
	began, ended := make(chan struct{}), make(chan error, 1)
	r := runner(t, conn, "sleeper")
	go func() {
		ended <- r.RunNow(t.Context(), jobs.Job{Name: "slept", Run: func(ctx context.Context) error {
			close(began)
			<-ctx.Done()
			return ctx.Err()
		}})
	}()
	<-began
	if err := runner(t, conn, "other").RunNow(t.Context(), jobs.Job{Name: "slept"}); !errors.Is(err, jobs.ErrRuns) {
		t.Errorf("a second run at the same time: %v", err)
	}
	for over := false; !over; {
		last, _, err := store.Last(t.Context(), "slept")
		if err == nil {
			err = store.Lose(t.Context(), last)
		}
		if err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			over = true
			if err != nil {
				t.Errorf("it ended with %v", err)
			}
		case <-time.After(2 * time.Second): // it was renewed at the same moment, which wins
		}
	}
	if last, _, _ := store.Last(t.Context(), "slept"); last.Outcome != clickhouse.RunLost {
		t.Errorf("the run is noted as %s", last.Outcome)
	}
}

func TestALongRunIsRenewedAndAFailureIsNotedWithItsReason(t *testing.T) {
	conn := open(t)
	r := runner(t, conn, "one")
	err := r.RunNow(t.Context(), jobs.Job{Name: "long", Run: func(context.Context) error {
		time.Sleep(1500 * time.Millisecond) // more than two leases
		return errors.New("the tide is out")
	}})
	if !errors.Is(err, jobs.ErrFailed) {
		t.Errorf("%v", err)
	}
	list := runsOf(t, conn, "long")
	if len(list) != 1 || list[0].Outcome != clickhouse.RunFailed || list[0].Error != "the tide is out" || list[0].Version < 3 {
		t.Errorf("%+v", list)
	}
	if err := r.RunNow(t.Context(), jobs.Job{Name: "panics", Run: func(context.Context) error { panic("x") }}); !errors.Is(err, jobs.ErrFailed) {
		t.Errorf("a panic: %v", err)
	}
}

func TestAStopEndsWhatIsUnderWayAndTheNextStartGoesOn(t *testing.T) {
	conn := open(t)
	began := make(chan struct{}, 10)
	job := jobs.Job{Name: "stopped", Schedule: "@yearly", Run: func(ctx context.Context) error {
		began <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}}
	stop := start(t, runner(t, conn, "first", job))
	<-began
	stop()
	list := runsOf(t, conn, "stopped")
	if len(list) != 1 || list[0].Outcome != clickhouse.RunFailed || list[0].Error != "the process stopped" {
		t.Errorf("%+v", list)
	}
}

func TestAJobWithoutAScheduleIsNotRunHere(t *testing.T) {
	conn := open(t)
	_, err := jobs.New(jobs.Options{Lease: time.Minute, Look: time.Minute}, clickhouse.JobRuns{Conn: conn}, zap.NewNop(), prometheus.NewRegistry(),
		[]jobs.Job{{Name: "broken", Schedule: "now and then"}})
	if err == nil {
		t.Error("a schedule that cannot be read is taken")
	}
	stop := start(t, runner(t, conn, "idle", jobs.Job{Name: "off", Run: func(context.Context) error { t.Error("it ran"); return nil }}))
	time.Sleep(200 * time.Millisecond)
	stop()
}
