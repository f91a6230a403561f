package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"ibarura/internal/clickhouse/embedded"
	"ibarura/internal/config"
	"ibarura/internal/telemetry"
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

type configCmd struct{ config.Config }

func (c *configCmd) Run() error {
	if err := c.Validate(); err != nil {
		return err
	}
	return c.Render(os.Stdout, true)
}

type versionCmd struct{}

func (versionCmd) Run() error {
	build := telemetry.ReadBuild()
	fmt.Printf("ibarura %s, revision %s, %s\n", build.Version, build.Revision, build.GoVersion)
	return nil
}

type healthCmd struct {
	URL string `name:"url" env:"IBARURA_URL" default:"http://127.0.0.1:8080" help:"Address of the server."`
}

func (h *healthCmd) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 2048))
		return fmt.Errorf("health: %s: %s", resp.Status, body)
	}
	fmt.Println("ready")
	return nil
}
