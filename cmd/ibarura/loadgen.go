package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"ibarura/internal/access"
	"ibarura/internal/config"
	"ibarura/internal/loadgen"
	"ibarura/internal/producer"
)

// loadgenCmd posts made-up traffic. The address has no variable on purpose: a
// server other than this machine's is loaded only if --url names it.
type loadgenCmd struct {
	URL     string `name:"url" default:"http://127.0.0.1:8080" help:"Address of the server. Anything but this machine has to be named here."`
	Key     string `name:"key" env:"IBARURA_WRITE_KEY" placeholder:"KEY" help:"Write key. Empty: the one that the first run of serve generated for the project, from data-dir."`
	DataDir string `name:"data-dir" default:"./data" type:"path" help:"Data folder of the server, if it is on this machine: the write key is read from it."`
	Project string `name:"project" default:"default" help:"Project whose write key is read from data-dir."`

	Rate        float64       `name:"rate" default:"1000" help:"Items per second. 0: as fast as it goes."`
	Batch       int           `name:"batch" default:"500" help:"Items in one request."`
	Connections int           `name:"connections" default:"4" help:"Requests under way at once."`
	Duration    time.Duration `name:"duration" default:"30s" help:"How long, at most 24h."`
	PageViews   float64       `name:"page-views" default:"0.2" help:"Share of the requests that carry page views, 0 to 1."`
	Users       int           `name:"users" default:"10000" help:"Users at the beginning; a few are very active, most are not."`
	Posts       int           `name:"posts" default:"5000" help:"Posts at the beginning; a few are very popular, most are not."`
	Days        int           `name:"days" default:"0" help:"Spread the items' times over so many days before now, by a daily and weekly rhythm. 0: all happens now."`
	Seed        *uint64       `name:"seed" help:"Makes the same people do the same things again; ids are new in every run. Not given: random."`
}

// Run posts for the duration and prints what was achieved.
func (l *loadgenCmd) Run(ctx context.Context) error {
	key := l.Key
	if key == "" {
		var err error
		if key, err = access.KeptKey(keyFile(&config.Config{DataDir: l.DataDir}), l.Project, access.Write); err != nil {
			return fmt.Errorf("loadgen: no --key is given, and there is none in --data-dir: %w", err)
		}
	}
	var attempts loadgen.Attempts
	client, err := producer.New(producer.Options{
		URL: l.URL, Key: key, Connections: l.Connections, RetryFor: l.Duration + time.Minute, Observe: attempts.Observe,
	})
	if err != nil {
		return fmt.Errorf("loadgen: %w", err)
	}
	defer client.Close()
	report, err := loadgen.Run(ctx, client, loadgen.RunOptions{
		Rate: l.Rate, Batch: l.Batch, Connections: l.Connections, Duration: l.Duration, PageViews: l.PageViews,
		Community: loadgen.Options{Seed: l.seed(), Users: l.Users, Posts: l.Posts, Days: l.Days},
	})
	if report.Requests > 0 {
		report.Print(os.Stdout, &attempts)
	}
	if err != nil {
		return fmt.Errorf("loadgen: %w", err)
	}
	if report.Rejected > 0 {
		return errors.New("loadgen: the server rejected items of ours")
	}
	return nil
}

func (l *loadgenCmd) seed() uint64 {
	if l.Seed != nil {
		return *l.Seed
	}
	return rand.Uint64() //nolint:gosec // traffic, not secrets
}
