package prometheus_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

const runbooks = top + "/docs/runbooks"

// rule is an alert of alerts.yml.
type rule struct {
	Alert       string
	Labels      struct{ Severity string }
	Annotations struct{ Summary, Runbook string }
}

func alerts(t *testing.T) (rules []rule) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	if err := yaml.Unmarshal([]byte(read(t, "alerts.yml")), &file); err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Groups {
		rules = append(rules, group.Rules...)
	}
	if len(rules) == 0 {
		t.Fatal("no alerts were found")
	}
	return rules
}

// chapters are the headings of every runbook, in their order.
var chapters = []string{"What it means", "What users notice", "What to look at", "What to do", "When it is over"}

var heading = regexp.MustCompile(`(?m)^## (.*)$`)

func TestEveryAlertHasItsRunbook(t *testing.T) {
	var wanted []string
	for _, r := range alerts(t) {
		wanted = append(wanted, r.Alert+".md")
		if want := "docs/runbooks/" + r.Alert + ".md"; r.Annotations.Runbook != want {
			t.Errorf("%s: runbook is %q, want %q", r.Alert, r.Annotations.Runbook, want)
		}
		text := read(t, filepath.Join(runbooks, r.Alert+".md"))
		if begin := fmt.Sprintf("# %s\n\nSeverity: *%s*.\n\n", r.Alert, r.Labels.Severity); !strings.HasPrefix(text, begin) {
			t.Errorf("the page of %s does not begin with %q", r.Alert, begin)
		}
		checkChapters(t, r.Alert, text)
	}
	files, err := filepath.Glob(runbooks + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	slices.Sort(wanted)
	if diff := cmp.Diff(wanted, files); diff != "" {
		t.Errorf("runbooks and alerts differ (-alerts +pages):\n%s", diff)
	}
}

func checkChapters(t *testing.T, name, text string) {
	t.Helper()
	var found []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	if diff := cmp.Diff(chapters, found); diff != "" {
		t.Errorf("the chapters of %s (-want +page):\n%s", name, diff)
		return
	}
	for i, body := range heading.Split(text, -1)[1:] {
		if strings.TrimSpace(body) == "" {
			t.Errorf("%s: %q is empty", name, chapters[i])
		}
		if chapters[i] == "What to look at" && !strings.Contains(body, "\n    ") {
			t.Errorf("%s names no command to look with", name)
		}
	}
}

func TestRunbooksNameMetricsAndAlertsThatExist(t *testing.T) {
	known := metrics(t)
	alertName := regexp.MustCompile(`\bIbarura[A-Z]\w+\b`)
	for _, r := range alerts(t) {
		text := read(t, filepath.Join(runbooks, r.Alert+".md"))
		for _, name := range metricName.FindAllString(text, -1) {
			if !slices.ContainsFunc(known, func(metric string) bool { return strings.HasPrefix(metric, histogramEnding.ReplaceAllString(name, "")) }) {
				t.Errorf("the page of %s asks for %s, which no code registers", r.Alert, name)
			}
		}
		for _, name := range alertName.FindAllString(text, -1) {
			if !slices.ContainsFunc(alerts(t), func(r rule) bool { return r.Alert == name }) {
				t.Errorf("the page of %s names %s, which is no alert", r.Alert, name)
			}
		}
	}
}

func TestOperationsListsEveryAlert(t *testing.T) {
	text := read(t, operations)
	for _, r := range alerts(t) {
		if want := fmt.Sprintf("| [%s](runbooks/%s.md) | %s |", r.Alert, r.Alert, r.Labels.Severity); !strings.Contains(text, want) {
			t.Errorf("docs/operations.md lacks the row %s", want)
		}
	}
}

// links are those of a page to another page of the documentation, or to a place in it.
var links = regexp.MustCompile(`\]\(([^):]*\.md)?(#[^)]*)?\)`)

func TestLinksOfOperatorsPagesLeadSomewhere(t *testing.T) {
	pages, err := filepath.Glob(runbooks + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, operations) {
		for _, m := range links.FindAllStringSubmatch(read(t, page), -1) {
			target := page
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(page), m[1])
			}
			if text := read(t, target); m[2] != "" && !slices.Contains(anchors(text), m[2]) {
				t.Errorf("%s: nothing stands at %s%s", page, m[1], m[2])
			}
		}
	}
}

var anyHeading = regexp.MustCompile("(?m)^#+ (.*)$")

// anchors are the places that a page's headings make.
func anchors(text string) (all []string) {
	drop := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, m := range anyHeading.FindAllStringSubmatch(text, -1) {
		all = append(all, "#"+strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}

func TestEveryAlertIsRaisedInATest(t *testing.T) {
	var file struct {
		Tests []struct {
			Cases []struct {
				Name     string `yaml:"alertname"`
				Expected []any  `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "alerts_test.yml")), &file); err != nil {
		t.Fatal(err)
	}
	raised, quiet := map[string]bool{}, map[string]bool{}
	for _, test := range file.Tests {
		for _, c := range test.Cases {
			if len(c.Expected) > 0 {
				raised[c.Name] = true
			} else {
				quiet[c.Name] = true
			}
		}
	}
	for _, r := range alerts(t) {
		if !raised[r.Alert] || !quiet[r.Alert] {
			t.Errorf("%s: raised in a test %v, quiet in one %v", r.Alert, raised[r.Alert], quiet[r.Alert])
		}
	}
}
