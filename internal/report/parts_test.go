package report_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var definedParts = regexp.MustCompile(`\{\{define "(\w+)"\}\}`)

// A part that is defined twice is the last one read, for the queries of both.
func TestNoPartOfQueriesIsDefinedTwice(t *testing.T) {
	files, err := filepath.Glob("sql/parts/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	in := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range definedParts.FindAllStringSubmatch(string(text), -1) {
			if other, twice := in[name[1]]; twice {
				t.Errorf("%s is defined in %s and in %s", name[1], other, file)
			}
			in[name[1]] = file
		}
	}
}
