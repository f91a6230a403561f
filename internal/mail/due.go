package mail

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/digest"
	"ibarura/internal/jobs"
)

// due lists the reports whose moment has come, with those who have not got them.
func (c *Courier) due(ctx context.Context) ([]round, error) {
	now, err := c.d.Now(ctx)
	if err != nil {
		return nil, err
	}
	recipients, err := c.d.Lists.List(ctx, "")
	if err != nil || len(recipients) == 0 {
		return nil, err
	}
	plans, err := c.plans(ctx)
	if err != nil {
		return nil, err
	}
	var rounds []round
	for _, p := range plans {
		r, err := c.round(ctx, p, recipients, now)
		if err != nil {
			return nil, err
		}
		if len(r.to) > 0 {
			rounds = append(rounds, r)
		}
	}
	return rounds, nil
}

// plan is when and how the reports of a project about a period are sent.
type plan struct {
	project  Project
	period   digest.Period
	schedule jobs.Schedule
	language string
}

// Standard is when and in which language reports are sent unless something is set.
func Standard(project string, period digest.Period) clickhouse.Mailing {
	return clickhouse.Mailing{Project: project, Period: string(period), Schedule: period.Schedule(), Language: digest.DefaultLanguage}
}

func (c *Courier) plans(ctx context.Context) ([]plan, error) {
	projects, err := c.d.Projects(ctx)
	if err != nil {
		return nil, err
	}
	set, err := c.d.Schedules.List(ctx)
	if err != nil {
		return nil, err
	}
	var plans []plan
	for _, project := range projects {
		for _, period := range digest.Periods() {
			m := MailingOf(set, project.Name, period)
			schedule, err := jobs.ParseSchedule(m.Schedule, project.Zone)
			if err != nil {
				c.d.Log.Warn("the schedule of a report cannot be read; it is not sent", zap.String("project", project.Name), zap.String("period", string(period)))
				continue
			}
			plans = append(plans, plan{project, period, schedule, m.Language})
		}
	}
	return plans, nil
}

// MailingOf returns what was set for a project and a period, or the standard.
func MailingOf(set []clickhouse.Mailing, project string, period digest.Period) clickhouse.Mailing {
	for _, m := range set {
		if m.Project == project && m.Period == string(period) {
			return m
		}
	}
	return Standard(project, period)
}

// CheckSchedule wants five fields: an interval has no beginning that all processes
// know of.
func CheckSchedule(text string, zone *time.Location) error {
	if strings.HasPrefix(strings.TrimSpace(text), "@every") {
		return fmt.Errorf("%q is an interval; want a cron expression such as 0 7 * * 1 (minute, hour, day, month, weekday)", text)
	}
	_, err := jobs.ParseSchedule(text, zone)
	return err
}

// lookBack is how long ago the last moment of a schedule may have been: longer
// than a period, so that a report is caught up for as long as it is the last one.
var lookBack = map[digest.Period]time.Duration{digest.Day: 48 * time.Hour, digest.Week: 15 * 24 * time.Hour, digest.Month: 62 * 24 * time.Hour}

// round is the last report of a plan whose moment has come: after a long stop the
// others are not sent.
func (c *Courier) round(ctx context.Context, p plan, recipients []clickhouse.Recipient, now time.Time) (round, error) {
	moment, came := p.schedule.LastBefore(now, lookBack[p.period])
	if !came {
		return round{}, nil
	}
	r := round{subject: digest.Subject{Project: p.project.Name, Zone: p.project.Zone, Period: p.period}, language: p.language}
	r.subject.From, r.subject.To = p.period.Ended(moment, p.project.Zone)
	for _, to := range recipients {
		if to.Project != p.project.Name || to.Period != string(p.period) || to.Added.After(moment) {
			continue
		}
		number, err := c.next(ctx, r.subject, to)
		if err != nil {
			return r, err
		}
		if number > 0 {
			r.to = append(r.to, attempt{to, number})
		}
	}
	return r, nil
}

// next is the number of the attempt that is due; 0: none is.
func (c *Courier) next(ctx context.Context, s digest.Subject, to clickhouse.Recipient) (uint16, error) {
	last, found, err := c.d.Book.Last(ctx, clickhouse.Delivery{
		Project: s.Project, Period: string(s.Period), From: s.FirstDay(), Recipient: to.ID,
	})
	switch {
	case err != nil:
		return 0, fmt.Errorf("look what was sent: %w", err)
	case !found:
		return 1, nil
	case last.State != deferred || int(last.Attempt) >= c.o.Attempts || last.Age < c.pause(last.Attempt):
		return 0, nil
	}
	return last.Attempt + 1, nil
}

// longestPause bounds how long a pause grows.
const longestPause = 6 * time.Hour

// pause is the time between an attempt that was deferred and the next one.
func (c *Courier) pause(attempt uint16) time.Duration {
	pause := c.o.Pause
	for n := uint16(1); n < attempt && pause < longestPause; n++ {
		pause *= 2
	}
	return cmp.Or(min(pause, longestPause), time.Millisecond)
}
