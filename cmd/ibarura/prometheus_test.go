package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ibarura/internal/promtest"
)

// watched is a Prometheus that scrapes a server with the configuration that
// operators get, in a hurry.
func watched(t *testing.T, s *instance) *promtest.Server {
	t.Helper()
	from, dir := filepath.Join("..", "..", "deploy", "prometheus"), t.TempDir()
	rules, err := os.ReadFile(filepath.Join(from, "alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join(from, "prometheus.yml"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(config)
	for _, change := range [][2]string{{`"ibarura:8080"`, `"` + strings.TrimPrefix(s.base, "http://") + `"`}, {"_interval: 15s", "_interval: 1s"}} {
		if !strings.Contains(text, change[0]) {
			t.Fatalf("%s is not in prometheus.yml", change[0])
		}
		text = strings.ReplaceAll(text, change[0], change[1])
	}
	for name, content := range map[string]string{"prometheus.yml": text, "alerts.yml": string(rules)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return promtest.Start(t, dir)
}

// alertState is what Prometheus says of a rule.
type alertState struct {
	Name, State, Health, LastError string
}

func alertsOf(t *testing.T, p *promtest.Server) (all []alertState) {
	t.Helper()
	var data struct {
		Groups []struct{ Rules []alertState }
	}
	if err := p.Get(t.Context(), "rules", nil, &data); err != nil {
		t.Fatal(err)
	}
	for _, group := range data.Groups {
		all = append(all, group.Rules...)
	}
	return all
}

func firing(t *testing.T, p *promtest.Server, name string) bool {
	return slices.ContainsFunc(alertsOf(t, p), func(a alertState) bool { return a.Name == name && a.State == "firing" })
}

func TestARealPrometheusScrapesEvaluatesAndRaisesTheAlert(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	p := watched(t, s)
	waitFor(t, "the server is scraped", func() bool {
		var data struct{ ActiveTargets []struct{ Health string } }
		if err := p.Get(t.Context(), "targets", nil, &data); err != nil {
			t.Fatal(err)
		}
		return len(data.ActiveTargets) == 1 && data.ActiveTargets[0].Health == "up"
	})
	waitFor(t, "every rule is evaluated", func() bool {
		all := alertsOf(t, p)
		return len(all) > 20 && !slices.ContainsFunc(all, func(a alertState) bool { return a.Health == "unknown" })
	})
	for _, a := range alertsOf(t, p) {
		if a.Health != "ok" || a.LastError != "" || a.State == "firing" {
			t.Errorf("on a server that is well: %+v", a)
		}
	}
	conn := openAsWriter(t, s.dir)
	if err := conn.Exec(t.Context(), "ALTER TABLE events ADD CONSTRAINT no_poison CHECK type != 'poison'"); err != nil {
		t.Fatal(err)
	}
	body := []byte(`[{"id":"1","type":"login"},{"id":"1","type":"login"},{"id":"2","type":"poison"}]`)
	if r := s.post("/api/v1/events?wait=true", s.keys["write"], "application/json", body); r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	waitFor(t, "the refused row raises its alert", func() bool { return firing(t, p, "IbaruraQuarantineGrows") })
	if firing(t, p, "IbaruraRowsAreRefused") {
		t.Error("one refused row wakes somebody up")
	}
	everyQueryOfTheBoards(t, s, p)
}

// rare are the queries of the boards that have nothing to show on a server
// that is well and that nobody was turned away from.
var rare = []string{`status=~"503|429"`, "ibarura_ingest_items_rejected_total", "ibarura_access_denied_total", "_rate_limited_", "_refused_"}

func everyQueryOfTheBoards(t *testing.T, s *instance, p *promtest.Server) {
	t.Helper()
	queries := boardQueries(t)
	if len(queries) < 40 {
		t.Fatalf("%d queries in the boards", len(queries))
	}
	s.typeCounts("2020-01-01", "2100-01-01") // a report, for the panels of queries
	empty := func() (list []string) {
		for _, q := range queries {
			var data struct{ Result []json.RawMessage }
			if err := p.Get(t.Context(), "query", url.Values{"query": {q}}, &data); err != nil {
				t.Fatalf("%s: %v", q, err)
			}
			if len(data.Result) == 0 && !slices.ContainsFunc(rare, func(part string) bool { return strings.Contains(q, part) }) {
				list = append(list, q)
			}
		}
		return list
	}
	defer func() {
		if t.Failed() {
			t.Logf("without an answer: %s", strings.Join(empty(), "\n"))
		}
	}()
	waitFor(t, fmt.Sprintf("%d queries of the boards have an answer", len(queries)), func() bool { return len(empty()) == 0 })
}

// boardQueries are all queries of all boards, for all instances.
func boardQueries(t *testing.T) (queries []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "dashboards", "grafana", "boards", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("$instance", ".*", "$__rate_interval", "1m")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var board struct {
			Panels []struct{ Targets []struct{ Expr string } }
		}
		if err := json.Unmarshal(text, &board); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, panel := range board.Panels {
			for _, target := range panel.Targets {
				queries = append(queries, fill.Replace(target.Expr))
			}
		}
	}
	return queries
}
