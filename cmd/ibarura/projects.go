package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"ibarura/internal/access"
	"ibarura/internal/config"
)

type keysProject struct {
	Create  projectCreate  `cmd:"" help:"Create a project with its time zone."`
	SetZone projectSetZone `cmd:"" help:"Cut the days of a project in another time zone, from a date on."`
	List    projectList    `cmd:"" help:"List the projects."`
	Origins projectOrigins `cmd:"" help:"Show the origins whose pages may post for a project from a browser, or change them."`
}

type projectCreate struct {
	config.Config
	Project string `arg:"" name:"name" help:"Name: lower-case letters, digits, - and _, at most 63."`
	Zone    string `name:"zone" default:"UTC" help:"IANA zone in which its days begin and end."`
}

func (p *projectCreate) Run(ctx context.Context) error {
	return withKeys(ctx, &p.Config, func(store *access.Store) error {
		project, err := store.CreateProject(ctx, p.Project, p.Zone)
		if err != nil {
			return err
		}
		fmt.Printf("created project %s in %s; now give it keys: ibarura keys create --project %s --scope write\n",
			project.Name, project.Zone, project.Name)
		return nil
	})
}

type projectSetZone struct {
	config.Config
	Project string `arg:"" name:"name" help:"The project."`
	Zone    string `name:"zone" required:"" help:"IANA zone in which its days begin and end."`
	From    string `name:"from" required:"" placeholder:"DATE" help:"First date of the new zone, a day and ingest.future-tolerance ahead at least. What happened before keeps its days."`
}

func (p *projectSetZone) Run(ctx context.Context) error {
	return withKeys(ctx, &p.Config, func(store *access.Store) error {
		project, err := store.SetZone(ctx, p.Project, p.Zone, p.From, p.Ingest.FutureTolerance)
		if err != nil {
			return err
		}
		fmt.Printf("the days of project %s are those of %s from %s on\n", project.Name, access.ZoneName(project.Zone), p.From)
		return nil
	})
}

type projectList struct{ config.Config }

func (p *projectList) Run(ctx context.Context) error {
	return withKeys(ctx, &p.Config, func(store *access.Store) error {
		projects, err := store.Projects(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "PROJECT\tZONE\tCREATED\tORIGINS")
		for _, project := range projects {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%d\n", project.Name, project.Zone, project.CreatedAt.UTC().Format(time.RFC3339), len(project.Origins))
		}
		return table.Flush()
	})
}

type projectOrigins struct {
	config.Config
	Project string   `arg:"" name:"name" help:"The project."`
	Add     []string `name:"add" placeholder:"ORIGIN" help:"Origins to allow, such as https://www.example.org, https://*.example.org for all hosts below it, or * for every page."`
	Remove  []string `name:"remove" placeholder:"ORIGIN" help:"Origins to refuse from now on."`
}

// Run returns once every server that reaches ClickHouse knows the change.
func (p *projectOrigins) Run(ctx context.Context) error {
	return withKeys(ctx, &p.Config, func(store *access.Store) error {
		project, err := store.ChangeOrigins(ctx, p.Project, p.Add, p.Remove)
		if err != nil {
			return err
		}
		for _, origin := range project.Origins {
			fmt.Println(origin)
		}
		if len(p.Add)+len(p.Remove) == 0 {
			return nil
		}
		select {
		case <-time.After(p.Access.Refresh):
			return nil
		case <-ctx.Done():
			return fmt.Errorf("the origins are changed, but not yet everywhere: %w", ctx.Err())
		}
	})
}
