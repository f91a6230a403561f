package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"ibarura/internal/bench/community"
	"ibarura/internal/bench/server"
	"ibarura/internal/freshness"
	"ibarura/schema"
)

// The history is of one year; its days are those of a zone that is not UTC.
const (
	project  = "default"
	zoneName = "Africa/Kigali"
)

var (
	yearBegins = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	yearEnds   = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

// history is a folder of serve with the rows in it, never served from again.
type history struct {
	root string // of all that is kept
	dir  string
}

// wholeFile is in a history's folder once it has all its rows.
const wholeFile = "whole"

// keep returns the history, made if it is not kept yet.
func keep(ctx context.Context, o *options) (history, error) {
	events, err := o.events()
	if err != nil {
		return history{}, err
	}
	c := community.Options{Seed: o.Seed, Events: events, Project: project, Zone: zoneName, From: yearBegins, To: yearEnds}
	h := history{root: o.Keep}
	if h.root == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return history{}, err
		}
		h.root = filepath.Join(cache, "ibarura-bench", "queries")
	}
	version, err := versionOf(c)
	if err != nil {
		return history{}, err
	}
	h.dir = filepath.Join(h.root, o.Size+"-"+version)
	if _, err := os.Stat(filepath.Join(h.dir, wholeFile)); err == nil {
		return h, nil
	}
	return h, h.make(ctx, o, c)
}

// views matches what decides which rows a history has: the raw tables, and the
// views with the tables that they fill. Tables that are filled later are made
// when the history is served.
var views = regexp.MustCompile(`(?s)CREATE (?:MATERIALIZED VIEW|TABLE) IF NOT EXISTS \$\{IBARURA_DATABASE\}\.(\w+).*?\n-- \+goose StatementEnd`)

// filled matches the table that a view fills.
var filled = regexp.MustCompile(`\nTO \$\{IBARURA_DATABASE\}\.(\w+)`)

// versionOf is a digest of everything that a history depends on.
func versionOf(c community.Options) (string, error) {
	digest := sha256.New()
	fmt.Fprintf(digest, "%+v", c)
	digest.Write(community.Version())
	migrations, err := fs.Glob(schema.Migrations, "migrations/*.sql")
	if err != nil {
		return "", err
	}
	tables, targets := map[string][]byte{}, map[string]bool{"events": true, "page_views": true}
	var order []string
	for _, name := range migrations {
		text, err := schema.Migrations.ReadFile(name)
		if err != nil {
			return "", err
		}
		for _, m := range views.FindAllSubmatch(text, -1) {
			if to := filled.FindSubmatch(m[0]); to != nil {
				targets[string(to[1])] = true
				digest.Write(m[0])
				continue
			}
			order = append(order, string(m[1]))
			tables[string(m[1])] = m[0]
		}
	}
	for _, name := range order {
		if targets[name] {
			digest.Write(tables[name])
		}
	}
	return hex.EncodeToString(digest.Sum(nil))[:12], nil
}

// make fills a new folder. One that was not finished is thrown away.
func (h history) make(ctx context.Context, o *options, c community.Options) error {
	if err := os.RemoveAll(h.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(h.dir, 0o700); err != nil {
		return err
	}
	s, err := server.Start(ctx, server.Options{Binary: o.Binary, Dir: h.dir, Args: []string{inZone}})
	if err != nil {
		return err
	}
	began := time.Now()
	fmt.Printf("making a history of %s events in %s\n", o.Size, h.dir)
	progress := func(done, all int) {
		if done%max(1, all/20) == 0 {
			fmt.Printf("%s: %d of %d statements\n", time.Since(began).Round(time.Second), done, all)
		}
	}
	err = community.Build(ctx, s.Engine, c, progress)
	if err == nil {
		err = derived(ctx, s.Engine)
	}
	if err == nil {
		err = s.Engine.Settle(ctx)
	}
	if err = errors.Join(err, s.Stop()); err != nil {
		return err
	}
	fmt.Printf("made in %s\n", time.Since(began).Round(time.Second))
	return os.WriteFile(filepath.Join(h.dir, wholeFile), nil, 0o600)
}

// deriveTimeout is how long serve may take to derive a whole history.
const deriveTimeout = 10 * time.Minute

// derived waits until serve has derived everything that it derives.
func derived(ctx context.Context, e *server.Engine) error {
	ctx, cancel := context.WithTimeout(ctx, deriveTimeout)
	defer cancel()
	for {
		parts := 0
		if err := e.Row(ctx, "SELECT uniqExact(part) FROM ibarura.derived_runs WHERE project = '"+project+"'", &parts); err != nil {
			return fmt.Errorf("wait for derived tables: %w", err)
		}
		if parts == len(freshness.Parts()) {
			return nil
		}
		time.Sleep(time.Second)
	}
}

// copy returns a folder to work on, beside the history. ClickHouse never changes
// a file of a part: those are linked, and everything else is copied.
func (h history) copy() (string, error) {
	work, err := os.MkdirTemp(h.root, "work-")
	if err != nil {
		return "", err
	}
	source := filepath.Join(h.dir, "data")
	return work, filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		target := filepath.Join(work, "data", name)
		switch {
		case name == engineLogs: // the engine makes them anew
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(target, 0o700)
		case entry.Type()&fs.ModeSymlink != 0:
			return copyLink(path, target)
		case ofPart(path):
			return os.Link(path, target) //nolint:gosec // both folders are ours, and nobody else writes there
		default:
			return copyFile(path, target)
		}
	})
}

// engineLogs is where the engine keeps query_log.
var engineLogs = filepath.Join("clickhouse", "data", "system")

// ofPart reports whether a file belongs to a part.
func ofPart(path string) bool {
	_, err := os.Stat(filepath.Join(filepath.Dir(path), "checksums.txt"))
	return err == nil && filepath.Base(path) != "txn_version.txt"
}

func copyLink(path, target string) error {
	to, err := os.Readlink(path)
	if err != nil {
		return err
	}
	return os.Symlink(to, target)
}

func copyFile(path, target string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(target, text, 0o600) //nolint:gosec // below a folder that was made for it
}
