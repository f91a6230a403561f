package config

import (
	"time"

	"ibarura/internal/jobs"
)

// Jobs is when this process may run what has to be done now and then.
type Jobs struct {
	Retention string `name:"retention" default:"@hourly" placeholder:"CRON" help:"When rows that are too old are removed: minute, hour, day of month, month and weekday in UTC, or @hourly, @daily, @every 2h. One of the processes that share a ClickHouse does it; what was missed is caught up once. Empty: not by this process."`
	Reports   string `name:"reports" default:"*/5 * * * *" placeholder:"CRON" help:"When is looked for reports that are due, and for those to be tried again. Each project has schedules of its own: see ibarura report schedule. Empty: not by this process."`
	Salts     string `name:"salts" default:"1-59/15 * * * *" placeholder:"CRON" help:"When the salts of visitors of days that are over are thrown away: days end at quarters of an hour, wherever. Empty: not by this process, so that another one has to."`
}

func (c *Jobs) check(p *problems) {
	for option, text := range map[string]string{"jobs.retention": c.Retention, "jobs.reports": c.Reports, "jobs.salts": c.Salts} {
		if text == "" {
			continue
		}
		if _, err := jobs.ParseSchedule(text, time.UTC); err != nil {
			p.add(option, "%s", err)
		}
	}
}
