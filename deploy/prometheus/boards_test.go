package prometheus_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// board is what matters of a Grafana dashboard here.
type board struct {
	UID, Title string
	Panels     []panel
	Templating struct {
		List []struct{ Query struct{ Query string } }
	}
}

type panel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  struct{ H, W, X, Y int }
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Targets                  []struct{ RefID, Expr, LegendFormat string }
}

func boardFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(top + "/dashboards/grafana/boards/*.json")
	if err != nil || len(files) < 2 {
		t.Fatalf("dashboards: %v, %v", files, err)
	}
	return files
}

func readBoard(t *testing.T, file string) (b board) {
	t.Helper()
	if err := json.Unmarshal([]byte(read(t, file)), &b); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return b
}

func TestEveryBoardIsNamedAfterItsFile(t *testing.T) {
	for _, file := range boardFiles(t) {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if b := readBoard(t, file); b.UID != "ibarura-"+name || b.Title != "Ibarura "+name {
			t.Errorf("%s has uid %q and title %q", file, b.UID, b.Title)
		}
	}
}

func TestEveryPanelSaysWhatItShowsAndHasItsPlace(t *testing.T) {
	for _, file := range boardFiles(t) {
		taken, ids := map[[2]int]string{}, map[int]bool{}
		for _, p := range readBoard(t, file).Panels {
			if ids[p.ID] {
				t.Errorf("%s: two panels have id %d", file, p.ID)
			}
			ids[p.ID] = true
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
					if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
						t.Fatalf("%s: %q stands on %q, or beyond the edge", file, p.Title, other)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
			if p.Type == "row" {
				continue
			}
			if p.Description == "" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
				t.Errorf("%s: %q lacks a description, a unit or a query", file, p.Title)
			}
			for _, target := range p.Targets {
				if target.LegendFormat == "" || !strings.Contains(target.Expr, `instance=~"$instance"`) {
					t.Errorf("%s: %q, query %s lacks a legend or does not look at the chosen instance", file, p.Title, target.RefID)
				}
			}
		}
	}
}
