package main

import (
	"context"
	"os"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
	"ibarura/internal/config"
	"ibarura/internal/jobs"
	"ibarura/internal/mail"
	"ibarura/internal/repair"
	"ibarura/internal/report"
)

// The names of the jobs.
const (
	jobRetention = "retention"
	jobVerify    = "verify"
	jobReports   = "reports"
	jobSalts     = "salts"
)

// A start has enough to do; and a process may stop before it was due.
const (
	firstVerification   = 5 * time.Minute
	lookForVerification = time.Minute
)

// workshop is what the jobs work with.
type workshop struct {
	config   *config.Config
	target   clickhouse.Target
	conn     driver.Conn
	instance string
	log      *zap.Logger
	reg      prometheus.Registerer
}

func newWorkshop(c *config.Config, s *storage, conn driver.Conn, log *zap.Logger, reg prometheus.Registerer) *workshop {
	return &workshop{c, s.target, conn, uuid.NewString(), log, reg}
}

// jobOptions name this process. The host is only for people.
func (w *workshop) jobOptions() jobs.Options {
	host, _ := os.Hostname()
	return jobs.Options{Instance: w.instance, Host: host, Lease: jobs.DefaultLease, Look: jobs.DefaultLook}
}

// schedules are those of all jobs, in the order in which they are shown; empty: not
// by this process.
func schedules(c *config.Config) []jobs.Job {
	every := ""
	if c.Verify.Every > 0 {
		every = "@every " + c.Verify.Every.String()
	}
	reports := c.Jobs.Reports
	if !c.Mail.Sends() {
		reports = ""
	}
	return []jobs.Job{
		{Name: jobRetention, Schedule: c.Jobs.Retention},
		{Name: jobVerify, Schedule: every, After: firstVerification},
		{Name: jobReports, Schedule: reports},
		{Name: jobSalts, Schedule: c.Jobs.Salts},
	}
}

// jobs are those that this process can run. asker may be nil: then reports cannot
// be sent.
func (w *workshop) jobs(store *access.Store, verification *repair.Schedule, asker *report.Service) ([]jobs.Job, error) {
	salts := clickhouse.Salts{Conn: w.conn}
	run := map[string]func(context.Context) error{
		jobRetention: newKeeper(w.config, w.conn, w.target, w.reg).Run,
		jobVerify:    verification.Verify,
		jobSalts:     func(ctx context.Context) error { return salts.ForgetSalts(ctx, time.Now()) },
	}
	if w.config.Mail.Sends() {
		courier, err := w.newCourier(store, asker)
		if err != nil {
			return nil, err
		}
		run[jobReports] = courier.Run
	} else {
		mail.NewMetrics(w.reg) // so that they are there, and say that nothing is sent
	}
	var list []jobs.Job
	for _, job := range schedules(w.config) {
		if job.Run = run[job.Name]; job.Run != nil {
			list = append(list, job)
		}
	}
	return list, nil
}

func (w *workshop) verification() *repair.Schedule {
	host, _ := os.Hostname() // only for people
	return &repair.Schedule{
		Repairer: newRepairer(w.conn, w.target, &w.config.Verify), Notes: clickhouse.Verifications{Conn: w.conn},
		Every: w.config.Verify.Every, Look: lookForVerification, Host: host, Log: w.log.Named("verify"),
	}
}

// startJobs starts the scheduler, and what shows in each process what one of them
// has found.
func (s *service) startJobs(store *access.Store, conn driver.Conn, asker *report.Service, reg prometheus.Registerer) error {
	w := newWorkshop(s.config, s.storage, conn, s.log, reg)
	verification := w.verification()
	s.onStop(verification.Start(reg))
	list, err := w.jobs(store, verification, asker)
	if err != nil {
		return err
	}
	runner, err := jobs.New(w.jobOptions(), clickhouse.JobRuns{Conn: conn}, s.log.Named("jobs"), reg, list)
	if err != nil {
		return err
	}
	stop, err := runner.Start()
	if err != nil {
		return err
	}
	s.onStop(stop)
	return nil
}
