package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/mattn/go-isatty"

	"ibarura/internal/access"
	"ibarura/internal/config"
	"ibarura/internal/importer"
	"ibarura/internal/producer"
)

// importCmd posts files through the front door. It ends with status 0 if every
// line was taken in, 1 if it failed or was interrupted, 2 if it is complete but
// for rejected lines.
type importCmd struct {
	Files    []string `arg:"" name:"file" help:"Files, plain or compressed with gzip or zstd; - is the standard input."`
	URL      string   `name:"url" env:"IBARURA_URL" default:"http://127.0.0.1:8080" help:"Address of the server."`
	Key      string   `name:"key" env:"IBARURA_WRITE_KEY" placeholder:"KEY" help:"Write key. Empty: the one that the first run of serve generated for the project, from data-dir. Better set by its variable: other users of the machine can see flags."`
	DataDir  string   `name:"data-dir" default:"./data" type:"path" help:"Data folder of the server, if it is on this machine: the write key is read from it."`
	Project  string   `name:"project" default:"default" help:"Project whose write key is read from data-dir."`
	Format   string   `name:"format" enum:"auto,ndjson,log" default:"auto" help:"What the lines are: JSON objects (ndjson) or a web server's access log in the common or combined format (log). auto looks at the first ones."`
	Kind     string   `name:"kind" enum:"auto,events,pageviews" default:"auto" help:"What the items are. auto takes objects with a url and without a type, and access logs, for page views."`
	Compress string   `name:"compress" enum:"auto,none,gzip,zstd" default:"auto" help:"Compression of the requests. auto: none to this machine, else zstd."`
	Batch    int      `name:"batch" default:"1000" help:"Lines in one request."`
	Requests int      `name:"requests" default:"4" help:"Requests under way at once."`
	Wait     bool     `name:"wait" help:"Let the server acknowledge each request only when its items can be queried, so that not even a server that is killed makes a difference. Slower; without it only the last request waits."`

	RetryFor time.Duration `name:"retry-for" default:"5m" help:"How long a request is repeated while the server is overloaded or not there."`
	StateDir string        `name:"state-dir" type:"path" placeholder:"DIR" help:"Folder in which unfinished imports are remembered. Empty: ibarura/import in the user's state folder."`
	Restart  bool          `name:"restart" help:"Begin anew, whatever an interrupted import of the same file had sent."`
	Rejects  string        `name:"rejects" type:"path" placeholder:"FILE" help:"List of the rejected lines, as JSON: file, line, code, message. Empty: beside each file, with .rejects at the end of its name; import.rejects here for the standard input."`
}

// statusRejects is the exit status of an import that is complete but for
// rejected lines.
const statusRejects = exitStatus(2)

// Run imports the files one after the other and stops at the first that fails.
func (i *importCmd) Run(ctx context.Context) error {
	if i.Batch < 1 || i.Batch > 100_000 || i.Requests < 1 || i.Requests > 64 {
		return errors.New("import: --batch is 1 to 100000 and --requests 1 to 64")
	}
	client, target, err := i.client()
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer client.Close()
	rejected := 0
	for n, file := range i.Files {
		summary, err := i.one(ctx, client, target, file, n > 0)
		rejected += summary.Rejected
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
	}
	if rejected > 0 {
		return statusRejects
	}
	return nil
}

func (i *importCmd) client() (client *producer.Client, target string, err error) {
	key := i.Key
	if key == "" {
		if key, err = access.KeptKey(keyFile(&config.Config{DataDir: i.DataDir}), i.Project, access.Write); err != nil {
			return nil, "", fmt.Errorf("no --key is given, and there is none in --data-dir: %w", err)
		}
	}
	client, err = producer.New(producer.Options{
		URL: i.URL, Key: key, Connections: i.Requests,
		Compression: producer.Compression(i.Compress), RetryFor: i.RetryFor,
		Observe: tellRetries(os.Stderr, i.URL),
	})
	return client, i.URL + " " + key, err
}

// retryNotice is how often a producer that is turned away says so.
const retryNotice = 10 * time.Second

func tellRetries(out io.Writer, url string) func(producer.Attempt) {
	var told atomic.Int64
	return func(a producer.Attempt) {
		now, last := time.Now().UnixNano(), told.Load()
		if a.Pause == 0 || now-last < int64(retryNotice) || !told.CompareAndSwap(last, now) {
			return
		}
		_, _ = fmt.Fprintf(out, "%s: %v; trying again\n", url, a.Err)
	}
}

func (i *importCmd) one(ctx context.Context, client *producer.Client, target, file string, later bool) (importer.Summary, error) {
	stateDir := i.StateDir
	if stateDir == "" {
		var err error
		if stateDir, err = importer.DefaultStateDir(); err != nil {
			return importer.Summary{}, err
		}
	}
	shown := 0
	summary, err := importer.Run(ctx, client, importer.Options{
		Path: file, Format: importer.Format(i.Format), Kind: i.kind(),
		BatchLines: i.Batch, Requests: i.Requests, Wait: i.Wait,
		StateDir: stateDir, Target: target, Restart: i.Restart,
		RejectsPath: i.Rejects, AppendRejects: later && i.Rejects != "",
		OnReject: func(r importer.Reject) { shown = showReject(os.Stderr, r, shown) },
		Progress: progressOn(os.Stderr), Stdin: os.Stdin,
	})
	printSummary(os.Stderr, &summary, err)
	return summary, err
}

func (i *importCmd) kind() producer.Kind {
	if i.Kind == "auto" {
		return ""
	}
	return producer.Kind(i.Kind)
}

func progressOn(out *os.File) importer.Progress {
	if isatty.IsTerminal(out.Fd()) {
		return importer.NewBar(out)
	}
	return importer.NewLines(out)
}

// shownRejects is how many rejected lines are shown; the list has them all.
const shownRejects = 10

func showReject(out io.Writer, r importer.Reject, shown int) int {
	switch {
	case shown < shownRejects:
		_, _ = fmt.Fprintf(out, "%s:%d: %s: %s\n", r.File, r.Line, r.Code, r.Message)
	case shown == shownRejects:
		_, _ = fmt.Fprintf(out, "%s: more rejected lines are in the list\n", r.File)
	}
	return shown + 1
}

// printSummary prints what became of a file.
func printSummary(out io.Writer, s *importer.Summary, err error) {
	if s.Name == "" { // it could not even be begun
		return
	}
	_, _ = fmt.Fprintf(out, "%s: %d lines: %d accepted, %d duplicates, %d rejected; %.1f s, %.0f items/s\n",
		s.Name, s.Lines, s.Accepted, s.Duplicates, s.Rejected, s.Took.Seconds(), s.Rate())
	if s.ResumedFrom > 0 {
		_, _ = fmt.Fprintf(out, "%s: %d of the lines were brought in by an earlier run\n", s.Name, s.ResumedFrom)
	}
	if s.RejectsPath != "" {
		_, _ = fmt.Fprintf(out, "%s: the rejected lines are listed in %s\n", s.Name, s.RejectsPath)
	}
	if err != nil && s.Resumable {
		_, _ = fmt.Fprintf(out, "%s: stopped after line %d; the same command goes on from there\n", s.Name, s.Lines)
	}
}
