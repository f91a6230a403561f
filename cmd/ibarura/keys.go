package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
	"ibarura/internal/config"
)

type keysCmd struct {
	Create  keysCreate  `cmd:"" help:"Create a key; it is printed once and kept nowhere."`
	List    keysList    `cmd:"" help:"List keys, revoked ones included."`
	Show    keysShow    `cmd:"" help:"Print a key that the first run generated, from the data folder."`
	Revoke  keysRevoke  `cmd:"" help:"Revoke a key. When the command returns no process that reaches ClickHouse accepts it, streams under way included; access.refresh here has to be that of the servers."`
	Project keysProject `cmd:"" help:"Create a project, list them, or say which web pages may post for one."`
}

// keyFile is where the first run keeps the keys that it generated.
func keyFile(c *config.Config) string { return filepath.Join(c.DataDir, "keys.json") }

type keysCreate struct {
	config.Config
	ForProject string `name:"project" default:"default" help:"Project that the key opens."`
	Scope      string `required:"" enum:"write,read,admin" help:"What the key may do: write, read, or admin for both."`
	Label      string `help:"A name for people, shown by keys list."`
}

func (k *keysCreate) Run(ctx context.Context) error {
	scope, err := access.ParseScope(k.Scope)
	if err != nil {
		return err
	}
	return withKeys(ctx, &k.Config, func(store *access.Store) error {
		key, secret, err := store.CreateKey(ctx, k.ForProject, scope, k.Label)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s key %s of project %s; it is shown this once:\n", key.Scope, key.ID, key.Project)
		fmt.Println(secret)
		return nil
	})
}

type keysList struct {
	config.Config
	ForProject string `name:"project" help:"Only this project's keys. Empty: of all."`
}

func (k *keysList) Run(ctx context.Context) error {
	return withKeys(ctx, &k.Config, func(store *access.Store) error {
		keys, err := store.Keys(ctx, k.ForProject)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "ID\tPROJECT\tSCOPE\tLABEL\tCREATED\tREVOKED")
		for i := range keys {
			revoked := "-"
			if keys[i].Revoked() {
				revoked = keys[i].RevokedAt.UTC().Format(time.RFC3339)
			}
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", keys[i].ID, keys[i].Project, keys[i].Scope, keys[i].Label,
				keys[i].CreatedAt.UTC().Format(time.RFC3339), revoked)
		}
		return table.Flush()
	})
}

type keysShow struct {
	config.Config
	Scope      string `arg:"" enum:"write,read,admin" help:"Which of them: write, read or admin."`
	ForProject string `name:"project" default:"default" help:"Project of the key."`
}

func (k *keysShow) Run() error {
	scope, err := access.ParseScope(k.Scope)
	if err != nil {
		return err
	}
	secret, err := access.KeptKey(keyFile(&k.Config), k.ForProject, scope)
	if err != nil {
		return err
	}
	fmt.Println(secret)
	return nil
}

type keysRevoke struct {
	config.Config
	ID string `arg:"" help:"Id of the key, as keys list shows it."`
}

func (k *keysRevoke) Run(ctx context.Context) error {
	return withKeys(ctx, &k.Config, func(store *access.Store) error {
		key, err := store.RevokeAndWait(ctx, k.ID, k.Access.Refresh)
		if err != nil {
			return err
		}
		fmt.Printf("revoked %s key %s of project %s\n", key.Scope, key.ID, key.Project)
		return nil
	})
}

func withKeys(ctx context.Context, c *config.Config, do func(*access.Store) error) error {
	return withStorage(ctx, c, func(s *storage) error {
		conn, err := clickhouse.Open(s.target)
		if err != nil {
			return err
		}
		return errors.Join(do(access.NewStore(conn)), conn.Close())
	})
}
