package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"ibarura/internal/config"
)

var update = flag.Bool("update", false, "write REFERENCE.md anew")

// cli is a program as cmd/ibarura is one: two commands that take the
// configuration, one of which has a flag of its own.
type cli struct {
	Serve struct {
		config.Config `embed:""`
	} `cmd:""`
	Keys struct {
		config.Config `embed:""`
		Scope         string `name:"scope"`
	} `cmd:""`
}

// load runs the parser as main would, with `serve` before the arguments.
func load(t *testing.T, args ...string) (config.Config, error) {
	t.Helper()
	var c cli
	parser, err := kong.New(&c, append(config.Options(), kong.Name("ibarura"), kong.Exit(func(int) {}))...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(append([]string{"serve"}, args...))
	return c.Serve.Config, err
}

func mustLoad(t *testing.T, args ...string) config.Config {
	t.Helper()
	c, err := load(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ibarura.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaultIsWhatACommandGetsWithoutAnything(t *testing.T) {
	if diff := cmp.Diff(config.Default(), mustLoad(t)); diff != "" {
		t.Errorf("loaded (-Default +loaded):\n%s", diff)
	}
}

func TestDataDirIsAbsoluteOnceLoaded(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := config.Default().DataDir, filepath.Join(here, "data"); got != want {
		t.Errorf("data-dir is %s, want %s", got, want)
	}
}

func TestFlagBeatsEnvironmentBeatsFileBeatsDefault(t *testing.T) {
	path := write(t, "query: {timeout: 1s, max-periods: 1, max-concurrent: 1}\ningest: {passive-types: [file]}\n")
	t.Setenv("IBARURA_QUERY_TIMEOUT", "2s")
	t.Setenv("IBARURA_QUERY_MAX_PERIODS", "2")
	c := mustLoad(t, "--config", path, "--query.timeout=3s")
	got := []any{c.Query.Timeout, c.Query.MaxPeriods, c.Query.MaxConcurrent, c.Query.MaxResultRows, c.Ingest.PassiveTypes}
	want := []any{3 * time.Second, 2, 1, config.Default().Query.MaxResultRows, []string{"file"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("flag, variable, file, default, list of the file (-want +got):\n%s", diff)
	}
}

func TestFileCanBeNamedByItsVariable(t *testing.T) {
	t.Setenv("IBARURA_CONFIG", write(t, "log: {level: warn}"))
	if level := mustLoad(t).Log.Level; level != "warn" {
		t.Errorf("level is %s, want warn", level)
	}
}

func TestFileSetsEveryKindOfOption(t *testing.T) {
	want := config.Default()
	want.DataDir = "/var/lib/ibarura"
	want.WriteKey = "hunter2-the-write-key"
	want.HTTP.Listen = "[::1]:8080"
	want.HTTP.BodyTimeout = 90 * time.Second
	want.HTTP.MaxBodyBytes = 5_000_000
	want.HTTP.TrustedProxies = []string{"10.0.0.0/8", "::1"}
	want.ClickHouse.Addr = []string{"db1:9440", "db2:9440"}
	want.ClickHouse.Password = "12345678"
	want.ClickHouse.ReaderPassword = "hunter2 \"quoted\"\nand a second line"
	want.ClickHouse.TLS = true
	want.Ingest.BatchRows = 50_000
	want.Ingest.DedupWindow = 0
	want.Ingest.PassiveTypes = []string{}
	want.Query.Timeout = 10 * time.Second
	got := mustLoad(t, "--config", "testdata/full.yaml")
	want.File = got.File
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("loaded (-want +got):\n%s", diff)
	}
}

func TestEmptyFileSetsNothing(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "~", "http:\n"} {
		got := mustLoad(t, "--config", write(t, text))
		got.File = ""
		if diff := cmp.Diff(config.Default(), got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestMissingFileIsNamed(t *testing.T) {
	_, err := load(t, "--config", "absent.yaml")
	if err == nil || !strings.Contains(err.Error(), "absent.yaml: no such file") {
		t.Errorf("error is %v", err)
	}
}

// Each bad file begins with the messages that it has to be refused with, a line
// each, FILE being its path.
func TestBadFilesAreRefusedWithAMessage(t *testing.T) {
	paths, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no bad files", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = load(t, "--config", path)
			if err == nil {
				t.Fatal("accepted")
			}
			absolute, _ := filepath.Abs(path)
			for _, line := range strings.Split(string(text), "\n") {
				want, is := strings.CutPrefix(line, "# ")
				if !is {
					break
				}
				want = strings.ReplaceAll(want, "FILE", absolute)
				if !strings.Contains(err.Error(), want) {
					t.Errorf("message:\n%s\nwant:\n%s", err, want)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the message quotes a secret:\n%s", err)
			}
		})
	}
}

func TestEveryProblemOfAFileIsReportedAtOnce(t *testing.T) {
	_, err := load(t, "--config", write(t, "a: 1\nb: 2\nquery: {timeout: soon}\n"))
	for _, want := range []string{`:1: unknown key "a"`, `:2: unknown key "b"`, ":3: query.timeout"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in: %v", want, err)
		}
	}
}

func TestBadEnvironmentNamesTheVariable(t *testing.T) {
	t.Setenv("IBARURA_QUERY_TIMEOUT", "soon")
	_, err := load(t)
	if err == nil || !strings.Contains(err.Error(), "IBARURA_QUERY_TIMEOUT") {
		t.Errorf("error is %v", err)
	}
}

func TestMisspeltVariablesAreFound(t *testing.T) {
	got := config.UnknownEnv([]string{"HOME=/", "IBARURA_CONFIG=x", "IBARURA_HTTP_LISTEN=x", "IBARURA_HTTP_LISTN=x", "IBARURA_WRITE_KEY="})
	if diff := cmp.Diff([]string{"IBARURA_HTTP_LISTN"}, got); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
}

func TestFlagsOfACommandHaveNoVariable(t *testing.T) {
	t.Setenv("IBARURA_SCOPE", "write")
	t.Setenv("IBARURA_CONFIG", "testdata/full.yaml")
	var c cli
	parser, err := kong.New(&c, append(config.Options(), kong.Exit(func(int) {}))...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"keys"}); err != nil {
		t.Fatal(err)
	}
	if c.Keys.Scope != "" || c.Keys.HTTP.Listen != "[::1]:8080" {
		t.Errorf("scope is %q, listen is %q", c.Keys.Scope, c.Keys.HTTP.Listen)
	}
}

func TestHelpSaysBoundsAndVariable(t *testing.T) {
	var c cli
	var help strings.Builder
	parser, err := kong.New(&c, append(config.Options(), kong.Exit(func(int) {}), kong.Writers(&help, &help))...)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = parser.Parse([]string{"serve", "--help"}) // which goes on, as Exit does nothing
	text := strings.Join(strings.Fields(help.String()), " ")
	for _, want := range []string{
		"Allowed: 1m to 720h, or 0s: off ($IBARURA_INGEST_DEDUP_WINDOW).",
		"Allowed: json, console ($IBARURA_LOG_FORMAT).",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the help", want)
		}
	}
}

func TestConfigurationAtTheRootServesEveryCommand(t *testing.T) {
	var c struct {
		config.Config `embed:""`
		Serve         struct{} `cmd:""`
	}
	t.Setenv("IBARURA_QUERY_MAX_PERIODS", "7")
	parser, err := kong.New(&c, config.Options()...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"serve", "--config=testdata/full.yaml", "--log.level=debug"}); err != nil {
		t.Fatal(err)
	}
	if c.Log.Level != "debug" || c.Query.MaxPeriods != 7 || c.Query.Timeout != 10*time.Second {
		t.Errorf("level %s, periods %d, timeout %s", c.Log.Level, c.Query.MaxPeriods, c.Query.Timeout)
	}
}

func TestSpoolIsInTheDataFolderUnlessItHasAnother(t *testing.T) {
	c := mustLoad(t, "--data-dir", "/srv/data")
	if got := c.SpoolDir(); got != "/srv/data/spool" {
		t.Errorf("the spool is in %s", got)
	}
	c = mustLoad(t, "--data-dir", "/srv/data", "--spool.dir", "/fast/spool")
	if got := c.SpoolDir(); got != "/fast/spool" {
		t.Errorf("the spool is in %s, though it has a folder", got)
	}
}
