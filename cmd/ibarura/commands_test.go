package main

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ibarura/internal/config"
)

// alone are the options of a command that starts the engine itself.
func alone(dir string) []string {
	return []string{"--data-dir", dir, "--engine.tcp-port", "0", "--engine.http-port", "0"}
}

func TestToolsWorkBesideARunningServerAndWithout(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	if out := ibarura(t, "migrate", "status", "--data-dir", dir); strings.Contains(out, "pending") || !strings.Contains(out, "00001_raw.sql") {
		t.Errorf("beside a server: %s", out)
	}
	if out := ibarura(t, "health", "--url", s.base); out != "ready\n" {
		t.Errorf("health: %s", out)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ command, want string }{
		{"redo", `^took back and applied \d+_\w+\.sql\n$`},
		{"status", `^(\d+_\w+\.sql +applied .* UTC\n)+$`},
		{"down", `^took back \d+_\w+\.sql\n$`},
		{"status", `^(\d+_\w+\.sql +applied .* UTC\n)+\d+_\w+\.sql +pending\n$`},
		{"up", `^applied \d+_\w+\.sql\n$`},
		{"up", `^nothing is pending\n$`},
	} {
		out := ibarura(t, append([]string{"migrate", c.command}, alone(dir)...)...)
		if !regexp.MustCompile(c.want).MatchString(out) {
			t.Errorf("migrate %s printed %q, want %s", c.command, out, c.want)
		}
	}
	if _, _, err := tryIbarura(t, "health", "--url", s.base); err == nil {
		t.Error("a stopped server is healthy")
	}
}

// generated is what loadgen reports first: items, requests, items a second.
var generated = regexp.MustCompile(`(?m)^(\d+) items in (\d+) requests accepted in \S+: (\d+) items/s; 0 duplicates, 0 rejected$`)

func TestLoadgenReportsWhatTheServerThenCounts(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	out := ibarura(t, "loadgen", "--url", s.base, "--data-dir", s.dir, "--duration", "2s", "--rate", "500", "--batch", "100", "--seed", "1")
	m := generated.FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("loadgen printed %s", out)
	}
	items, _ := strconv.Atoi(m[1])
	if rate, _ := strconv.Atoi(m[3]); rate < 300 || rate > 700 {
		t.Errorf("%d items a second, asked for 500: %s", rate, out)
	}
	s.settled()
	var overview struct {
		Totals struct {
			Events int
			People int `json:"page_views"`
			Robots int `json:"bot_page_views"`
		}
	}
	s.data("/api/v1/analytics/events", ever, &overview)
	if n := overview.Totals; n.Events-1+n.People+n.Robots != items || n.Events < 2 || n.People == 0 { // 1: settled
		t.Errorf("loadgen posted %d items, the server counts %+v", items, n)
	}
}

func TestConfigPrintsWhatIsInForceWithoutSecrets(t *testing.T) {
	t.Parallel()
	out := ibarura(t, "config", "--ingest.batch-rows", "1234", "--write-key", "a-write-key-that-nobody-sees")
	for _, want := range []string{"batch-rows: 1234\n", "room-wait: " + config.Default().Ingest.RoomWait.String(), "# write-key:"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if strings.Contains(out, "nobody-sees") {
		t.Errorf("a secret is shown:\n%s", out)
	}
	if _, errOut, err := tryIbarura(t, "config", "--ingest.batch-rows", "-1"); err == nil || !strings.Contains(errOut, "ingest.batch-rows") {
		t.Errorf("a bad option: %v %s", err, errOut)
	}
}

func TestVersionNamesTheBuild(t *testing.T) {
	t.Parallel()
	if out := ibarura(t, "version"); !regexp.MustCompile(`^ibarura \S+, revision .*, go1\.\S+\n$`).MatchString(out) {
		t.Errorf("%q", out)
	}
}
