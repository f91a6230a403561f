package web

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/report"
)

var update = flag.Bool("update", false, "write the list of questions for the dashboard anew")

const endpointsFile = "../../dashboards/web/src/api/endpoints.json"

// endpoint is what the dashboard has to know of a question before it asks.
type endpoint struct {
	Filters []string `json:"filters"`
	Options []string `json:"options"`
	Series  bool     `json:"series"`
	Ranking bool     `json:"ranking"`
}

func TestTheDashboardKnowsWhichFiltersAQuestionTakes(t *testing.T) {
	list := map[string]endpoint{}
	for _, e := range report.Endpoints() {
		known := endpoint{Filters: append([]string{}, e.Fields.Names()...), Options: []string{}, Series: e.Series, Ranking: e.Ranking}
		for _, o := range e.Options {
			known.Options = append(known.Options, o.Name)
		}
		list[e.Path] = known
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(list); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(endpointsFile, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(endpointsFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(written)); diff != "" {
		t.Errorf("questions have changed: go test ./internal/web -update (registry -, file +)\n%s", diff)
	}
}
