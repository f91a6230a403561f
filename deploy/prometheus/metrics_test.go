// Package prometheus_test checks that operators read about the metrics that the
// program has, and that alerts and dashboards ask for no others.
package prometheus_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

const (
	top        = "../.."
	operations = top + "/docs/operations.md"
	client     = "github.com/prometheus/client_golang/prometheus"
)

var metricName = regexp.MustCompile(`\bibarura_[a-z0-9_]+\b`)

func TestOperationsListsEveryMetric(t *testing.T) {
	var listed []string
	for line := range strings.Lines(read(t, operations)) {
		if strings.HasPrefix(line, "| `ibarura_") {
			listed = append(listed, metricName.FindString(line))
		}
	}
	slices.Sort(listed)
	if diff := cmp.Diff(metrics(t), listed); diff != "" {
		t.Errorf("the table of metrics in docs/operations.md is not that of the code (-code +table):\n%s", diff)
	}
}

func TestAlertsAndDashboardsAskForMetricsThatExist(t *testing.T) {
	known := metrics(t)
	files := []string{"alerts.yml", "alerts_test.yml"}
	boards, err := filepath.Glob(top + "/dashboards/grafana/boards/*.json")
	if err != nil || len(boards) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	for _, file := range append(files, boards...) {
		names := metricName.FindAllString(read(t, file), -1)
		if len(names) == 0 {
			t.Errorf("%s names no metric", file)
		}
		for _, name := range names {
			if !slices.Contains(known, strings.TrimSuffix(name, "_bucket")) {
				t.Errorf("%s asks for %s, which no code registers", file, name)
			}
		}
	}
}

func TestEveryAlertHasItsParagraph(t *testing.T) {
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert       string
				Annotations struct{ Runbook string }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "alerts.yml")), &file); err != nil {
		t.Fatal(err)
	}
	text := read(t, operations)
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			if want := "docs/operations.md#" + strings.ToLower(rule.Alert); rule.Annotations.Runbook != want {
				t.Errorf("%s: runbook is %q, want %q", rule.Alert, rule.Annotations.Runbook, want)
			}
			if !strings.Contains(text, "\n### "+rule.Alert+"\n") {
				t.Errorf("docs/operations.md has no heading ### %s", rule.Alert)
			}
		}
	}
}

// metrics returns the sorted names of all metrics that the code makes: the
// string literals that look like one in files that know the Prometheus client.
func metrics(t *testing.T) []string {
	t.Helper()
	names := map[string]bool{}
	for _, dir := range []string{top + "/internal", top + "/cmd"} {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			return metricsOf(path, names)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(names) == 0 {
		t.Fatal("no metrics were found in the code")
	}
	return slices.Sorted(maps.Keys(names))
}

func metricsOf(path string, names map[string]bool) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == strconv.Quote(client) }) {
		return nil
	}
	ast.Inspect(file, func(node ast.Node) bool {
		literal, ok := node.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		if text, err := strconv.Unquote(literal.Value); err == nil && metricName.FindString(text) == text && text != "" {
			names[text] = true
		}
		return true
	})
	return nil
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
