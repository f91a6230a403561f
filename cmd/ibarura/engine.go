package main

import (
	"context"
	"fmt"
	"os"

	"ibarura/internal/clickhouse/embedded"
)

type engineCmd struct {
	Fetch engineFetch `cmd:"" help:"See to it that there is an engine: a recent clickhouse on PATH, or the pinned library, fetched once."`
	Run   engineRun   `cmd:"" hidden:"" passthrough:"all" help:"The child process of serve."`
}

type engineFetch struct {
	CacheDir string `name:"cache-dir" env:"IBARURA_ENGINE_CACHE_DIR" type:"path" help:"Folder of the cache. Empty: ibarura in the user's cache folder."`
}

func (e *engineFetch) Run(ctx context.Context) error {
	found, err := embedded.Ensure(ctx, embedded.LocateOptions{CacheDir: e.CacheDir}, os.Stderr)
	if err == nil {
		fmt.Println(found.Path)
	}
	return err
}

type engineRun struct {
	Args []string `arg:"" optional:""`
}

func (e *engineRun) Run() error {
	if status := embedded.Main(e.Args); status != 0 {
		return exitStatus(status)
	}
	return nil
}
