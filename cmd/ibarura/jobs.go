package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
	"ibarura/internal/config"
	"ibarura/internal/jobs"
	"ibarura/internal/report"
	"ibarura/internal/telemetry"
)

type jobsCmd struct {
	List jobsList `cmd:"" default:"withargs" help:"Show the scheduled jobs with their last and next runs, and reports of which nobody knows whether they arrived."`
	Run  jobsRun  `cmd:"" help:"Run a job now, whatever its schedule. Exit status 1: it failed, or runs already."`
}

type jobsList struct {
	config.Config
	Runs int `name:"runs" default:"0" help:"Show as many of the last runs, too, of all jobs."`
}

// mostRuns bounds how many runs are listed.
const mostRuns = 10_000

func (j *jobsList) Run(ctx context.Context) error {
	return withWorkshop(ctx, &j.Config, func(w *workshop) error {
		if err := listJobs(ctx, os.Stdout, &j.Config, w.conn); err != nil {
			return err
		}
		if err := listUnsettled(ctx, os.Stdout, w.conn); err != nil || j.Runs <= 0 {
			return err
		}
		return listRuns(ctx, os.Stdout, w.conn, min(j.Runs, mostRuns))
	})
}

func listJobs(ctx context.Context, out io.Writer, c *config.Config, conn driver.Conn) error {
	store := clickhouse.JobRuns{Conn: conn}
	now, err := store.Now(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "JOB\tSCHEDULE\tLAST RUN\tTOOK\tOUTCOME\tHOST\tNEXT RUN\tERROR")
	for _, job := range schedules(c) {
		last, found, err := store.Last(ctx, job.Name)
		if err != nil {
			return err
		}
		next, schedule := "-", "-"
		if s, err := jobs.ParseSchedule(job.Schedule, time.UTC); err == nil {
			next, schedule = moment(jobs.NextRun(s, last, found, now)), s.String()
		}
		if last.Outcome == clickhouse.RunRunning {
			next = "-"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", job.Name, schedule, moment(last.Started), took(last), orDash(last.Outcome), orDash(last.Host), next, firstLine(last.Error))
	}
	return table.Flush()
}

func listRuns(ctx context.Context, out io.Writer, conn driver.Conn, most int) error {
	runs, err := clickhouse.JobRuns{Conn: conn}.Recent(ctx, most)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "\nJOB\tDUE\tATTEMPT\tSTARTED\tTOOK\tOUTCOME\tHOST\tERROR")
	for i := range runs {
		run := &runs[i]
		_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", run.Job, moment(run.Due), run.Attempt, moment(run.Started), took(*run), run.Outcome, run.Host, firstLine(run.Error))
	}
	return table.Flush()
}

// moment writes a moment; 1970 is never.
func moment(t time.Time) string {
	if t.Unix() <= 0 {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

func took(run clickhouse.JobRun) string {
	if run.Ended.Unix() <= 0 {
		return "-"
	}
	return run.Ended.Sub(run.Started).Round(time.Millisecond).String()
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

type jobsRun struct {
	config.Config
	Name string `arg:"" name:"job" help:"The job, as jobs list shows it."`
}

func (j *jobsRun) Run(ctx context.Context) error {
	return withWorkshop(ctx, &j.Config, func(w *workshop) error {
		return w.withAsker(func(asker *report.Service) error { return w.runNow(ctx, j.Name, asker) })
	})
}

func (w *workshop) runNow(ctx context.Context, name string, asker *report.Service) error {
	verification := w.verification()
	stop := verification.Start(w.reg)
	list, err := w.jobs(access.NewStore(w.conn), verification, asker)
	if err != nil {
		return errors.Join(err, stop(ctx))
	}
	at := slices.IndexFunc(list, func(job jobs.Job) bool { return job.Name == name })
	if at < 0 {
		return errors.Join(fmt.Errorf("there is no job %q that can be run here; see ibarura jobs", name), stop(ctx))
	}
	runner, err := jobs.New(w.jobOptions(), clickhouse.JobRuns{Conn: w.conn}, w.log.Named("jobs"), w.reg, nil)
	if err == nil {
		err = runner.RunNow(ctx, list[at])
	}
	return errors.Join(err, stop(ctx))
}

// withAsker opens what answers questions, as serve does.
func (w *workshop) withAsker(do func(*report.Service) error) error {
	q := &w.config.Query
	reader, err := clickhouse.OpenReader(w.target, clickhouse.ReadLimits{
		Timeout: q.Timeout, MaxMemory: uint64(q.MaxMemory), MaxResultRows: uint64(q.MaxResultRows), MaxConcurrent: q.MaxConcurrent,
	}, w.reg)
	if err != nil {
		return err
	}
	limits := report.DefaultLimits()
	limits.MaxPeriods = q.MaxPeriods
	return errors.Join(do(report.New(reader, time.Now, limits)), reader.Close())
}

// withWorkshop opens what the jobs work with, in the process of a command.
func withWorkshop(ctx context.Context, c *config.Config, do func(*workshop) error) error {
	return withStorage(ctx, c, func(s *storage) error {
		conn, err := clickhouse.Open(s.target)
		if err != nil {
			return err
		}
		log, err := telemetry.NewLogger(os.Stderr, telemetry.LogOptions{Level: "warn", Format: "console"}, nil)
		if err == nil {
			err = do(newWorkshop(c, s, conn, log, prometheus.NewRegistry()))
		}
		return errors.Join(err, conn.Close())
	})
}
