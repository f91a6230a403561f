package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
	"ibarura/internal/config"
	"ibarura/internal/digest"
	"ibarura/internal/mail"
)

type reportRecipients struct {
	Add    recipientsAdd    `cmd:"" help:"Put an address on the list of a project's reports."`
	Remove recipientsRemove `cmd:"" help:"Take an address off the list; it is deleted."`
	List   recipientsList   `cmd:"" help:"List who gets reports. It prints addresses."`
}

type recipientsAdd struct {
	config.Config
	ForProject string `name:"project" default:"default" help:"The project."`
	Period     string `name:"period" default:"week" enum:"day,week,month" help:"Which reports: of each day, week or month."`
	Address    string `arg:"" name:"address" help:"E-mail address, without a name. Its reports begin with the next one that is due."`
}

func (r *recipientsAdd) Run(ctx context.Context) error {
	if err := mail.CheckAddress(r.Address); err != nil {
		return err
	}
	return withWorkshop(ctx, &r.Config, func(w *workshop) error {
		if _, err := access.NewStore(w.conn).Project(ctx, r.ForProject); err != nil {
			return err
		}
		added, err := clickhouse.Recipients{Conn: w.conn}.Add(ctx, r.ForProject, r.Period, r.Address)
		if err != nil {
			return err
		}
		fmt.Printf("added recipient %s\n", added.ID)
		return nil
	})
}

type recipientsRemove struct {
	config.Config
	ForProject string `name:"project" default:"default" help:"The project."`
	Period     string `name:"period" default:"" enum:",day,week,month" help:"Which reports. Without, all of the project."`
	Address    string `arg:"" name:"address" help:"E-mail address."`
}

func (r *recipientsRemove) Run(ctx context.Context) error {
	return withWorkshop(ctx, &r.Config, func(w *workshop) error {
		return clickhouse.Recipients{Conn: w.conn}.RemoveAddress(ctx, r.ForProject, r.Period, r.Address)
	})
}

type recipientsList struct {
	config.Config
	ForProject string `name:"project" default:"" help:"The project. Without, all."`
}

func (r *recipientsList) Run(ctx context.Context) error {
	return withWorkshop(ctx, &r.Config, func(w *workshop) error {
		list, err := clickhouse.Recipients{Conn: w.conn}.List(ctx, r.ForProject)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "PROJECT\tPERIOD\tADDRESS\tADDED\tID")
		for _, to := range list {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", to.Project, to.Period, to.Address, to.Added.UTC().Format(time.RFC3339), to.ID)
		}
		return table.Flush()
	})
}

type reportSchedule struct {
	config.Config
	ForProject string `name:"project" default:"default" help:"The project."`
	Period     string `name:"period" default:"week" enum:"day,week,month" help:"Which reports: of each day, week or month."`
	At         string `name:"at" placeholder:"CRON" help:"Minute, hour, day of month, month and weekday in the project's zone, such as 30 6 * * MON. Each time the report of the last period that is over is sent, unless it was."`
	Language   string `name:"language" default:"" enum:",en,fr,rw" help:"Language: en, fr or rw."`
}

func (r *reportSchedule) Run(ctx context.Context) error {
	return withWorkshop(ctx, &r.Config, func(w *workshop) error {
		project, err := access.NewStore(w.conn).Project(ctx, r.ForProject)
		if err != nil {
			return err
		}
		store := clickhouse.Mailings{Conn: w.conn}
		set, err := store.List(ctx)
		if err != nil {
			return err
		}
		m := mail.MailingOf(set, project.Name, digest.Period(r.Period))
		if r.At != "" || r.Language != "" {
			if m, err = r.changed(m, project.Zone); err != nil {
				return err
			}
			if err := store.Put(ctx, m); err != nil {
				return err
			}
		}
		fmt.Printf("reports of the %s to %s: %s in %s, language %s\n", m.Period, m.Project, m.Schedule, project.Zone, m.Language)
		return nil
	})
}

// changed applies the flags.
func (r *reportSchedule) changed(m clickhouse.Mailing, zone *time.Location) (clickhouse.Mailing, error) {
	if r.At != "" {
		if err := mail.CheckSchedule(r.At, zone); err != nil {
			return m, fmt.Errorf("--at: %w", err)
		}
		m.Schedule = r.At
	}
	if r.Language != "" {
		m.Language = r.Language
	}
	m.Version++
	return m, nil
}
