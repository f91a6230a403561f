package check

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestClickHouseFilesAreWellFormed(t *testing.T) {
	for _, name := range find(t, "deploy/clickhouse/*.d/*.xml") {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		decoder := xml.NewDecoder(file)
		for err == nil {
			_, err = decoder.Token()
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
		_ = file.Close()
	}
}

func TestDashboardsAreJSON(t *testing.T) {
	for _, name := range find(t, "dashboards/grafana/boards/*.json") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var board struct{ Title, UID string }
		if err := json.Unmarshal(text, &board); err != nil || board.Title == "" || board.UID == "" {
			t.Errorf("%s: %v, title %q, uid %q", name, err, board.Title, board.UID)
		}
	}
}

func find(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(top, pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return names
}
