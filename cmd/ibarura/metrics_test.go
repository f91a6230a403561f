package main

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// sampleLine is a line of /metrics: name, labels, value.
var sampleLine = regexp.MustCompile(`^([a-z_]+)(?:\{(.*)\})? (\S+)$`)

// sample is the value of a series on /metrics, written as it stands there;
// empty if it is not there.
func (r reply) sample(series string) string {
	for line := range strings.Lines(string(r.body)) {
		if value, found := strings.CutPrefix(line, series+" "); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// exposed lists the names of our metrics on a page, each with its labels.
func exposed(page []byte) map[string]string {
	labels := map[string]string{}
	for line := range strings.Lines(string(page)) {
		m := sampleLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil || !strings.HasPrefix(m[1], "ibarura_") {
			continue
		}
		labels[histogramName(m[1], page)] = labelNames(m[2])
	}
	return labels
}

// histogramName drops the ending that a histogram's series have.
func histogramName(name string, page []byte) string {
	for _, ending := range []string{"_bucket", "_sum", "_count"} {
		if bare, cut := strings.CutSuffix(name, ending); cut && bytes.Contains(page, []byte("# TYPE "+bare+" histogram\n")) {
			return bare
		}
	}
	return name
}

var labelName = regexp.MustCompile(`([a-z_]+)="`)

func labelNames(text string) string {
	var names []string
	for _, m := range labelName.FindAllStringSubmatch(text, -1) {
		if m[1] != "le" {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// metricRow is a row of the table in docs/operations.md: name, labels.
var metricRow = regexp.MustCompile("(?m)^\\| `(ibarura_[a-z_]+)` \\| ([a-z, ]*?) *\\|")

func documentedMetrics(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{}
	for _, m := range metricRow.FindAllStringSubmatch(string(text), -1) {
		names := strings.Split(m[2], ", ")
		slices.Sort(names)
		labels[m[1]] = strings.Join(names, ", ")
	}
	return labels
}

func TestMetricsPageIsCleanAndSaysWhatTheDocumentationSays(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	body := []byte(`[{"id":"1","type":"login"},{"id":"2","type":"login"},{"id":"2","type":"login"},{"id":"3"}]`)
	if r := s.post("/api/v1/events?wait=true", s.keys["write"], "application/json", body); r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	s.get("/api/v1/analytics/users/active", url.Values{"from": {"2026-01-01"}, "to": {"2026-02-01"}})
	s.getAs("no key of ours", "/api/v1/analytics/users", nil)
	page := s.get("/metrics", nil)

	problems, err := promlint.New(bytes.NewReader(page.body)).Lint()
	if err != nil {
		t.Fatalf("%v in\n%s", err, page.body)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for series, want := range map[string]string{
		`ibarura_engine_up`:                                                                                "1",
		`ibarura_engine_restarts_total`:                                                                    "0",
		`ibarura_ingest_items_received_total`:                                                              "4",
		`ibarura_ingest_items_accepted_total{kind="event"}`:                                                "2",
		`ibarura_ingest_items_duplicate_total{kind="event"}`:                                               "1",
		`ibarura_ingest_items_rejected_total{code="missing_field"}`:                                        "1",
		`ibarura_ingest_request_items_count`:                                                               "1",
		`ibarura_ingest_window_ids`:                                                                        "2",
		`ibarura_loader_batch_rows_sum{table="events"}`:                                                    "2",
		`ibarura_loader_rows_total{table="events"}`:                                                        "2",
		`ibarura_loader_insert_duration_seconds_count{result="ok",table="events"}`:                         "1",
		`ibarura_loader_backlog_bytes`:                                                                     "0",
		`ibarura_loader_failed_attempts`:                                                                   "0",
		`ibarura_loader_insert_errors_total{class="transient",table="events"}`:                             "0",
		`ibarura_loader_quarantined_rows_total{table="page_views"}`:                                        "0",
		`ibarura_spool_appended_rows_total`:                                                                "2",
		`ibarura_spool_groups_total`:                                                                       "1",
		`ibarura_spool_fsync_duration_seconds_count`:                                                       "1",
		`ibarura_spool_unloaded_bytes`:                                                                     "0",
		`ibarura_spool_oldest_unloaded_seconds`:                                                            "0",
		`ibarura_spool_segments`:                                                                           "1",
		`ibarura_spool_disk_bytes`:                                                                         "6.7108864e+07",
		`ibarura_query_duration_seconds_count{query="active_user_day"}`:                                    "1",
		`ibarura_http_requests_total{method="POST",route="/api/v1/events",status="200"}`:                   "1",
		`ibarura_http_requests_total{method="GET",route="/api/v1/analytics/users/active",status="200"}`:    "1",
		`ibarura_http_request_duration_seconds_count{method="GET",route="/api/v1/analytics/users/active"}`: "1",
		`ibarura_http_requests_total{method="GET",route="/api/v1/analytics/users",status="401"}`:           "1",
		`ibarura_access_denied_total{reason="unauthorized"}`:                                               "1",
	} {
		if got := page.sample(series); got != want {
			t.Errorf("%s is %q, want %s", series, got, want)
		}
	}
	sameMetrics(t, documentedMetrics(t), exposed(page.body))
}

// sameMetrics wants every metric without labels on the page, and none there
// that the documentation does not name or whose labels it names otherwise.
func sameMetrics(t *testing.T, documented, shown map[string]string) {
	t.Helper()
	if len(documented) < 20 {
		t.Fatalf("the table in the documentation is not found: %v", documented)
	}
	for name, labels := range documented {
		if _, there := shown[name]; !there && labels == "" {
			t.Errorf("%s is in the documentation and not on the page", name)
		}
	}
	for name, labels := range shown {
		want, there := documented[name]
		if !there {
			t.Errorf("%s is on the page and not in the documentation", name)
		} else if diff := cmp.Diff(want, labels); diff != "" {
			t.Errorf("labels of %s: documentation (-), page (+): %s", name, diff)
		}
	}
}
