// Package prometheus_test checks that operators read about the metrics that the
// program has, that alerts and dashboards ask for no others, and that each
// alert has its tests and its runbook.
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
)

const (
	top        = "../.."
	operations = top + "/docs/operations.md"
	client     = "github.com/prometheus/client_golang/prometheus"
)

var (
	metricName      = regexp.MustCompile(`\bibarura_[a-z0-9_]+\b`)
	histogramEnding = regexp.MustCompile(`_(bucket|sum|count)$`)
)

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
	for _, file := range append(files, boardFiles(t)...) {
		names := metricName.FindAllString(read(t, file), -1)
		if len(names) == 0 {
			t.Errorf("%s names no metric", file)
		}
		for _, name := range names {
			if !slices.Contains(known, histogramEnding.ReplaceAllString(name, "")) {
				t.Errorf("%s asks for %s, which no code registers", file, name)
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
