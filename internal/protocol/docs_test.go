package protocol

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// caseLine matches the names that a decoder looks for, quoted those in it.
var (
	caseLine = regexp.MustCompile(`(?m)^\s*(?:case (?:key == )?"|"\$).*$`)
	quoted   = regexp.MustCompile(`"([^"]+)"`)
)

// The decoders of the client protocols look for fields in switch statements, in
// tables, and in lists of what is dropped; the page has to name each of them.
func TestTheProtocolsPageNamesEveryFieldThatIsLookedAt(t *testing.T) {
	page, err := os.ReadFile("../../docs/protocols.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"segment", "posthog", "cloudevents", "otlp", "plausible", "beacon"} {
		files, err := filepath.Glob(filepath.Join(name, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range caseLine.FindAllString(string(text), -1) {
				for _, match := range quoted.FindAllStringSubmatch(line, -1) {
					found++
					if !named(string(page), match[1]) {
						t.Errorf("%s looks for %q, which docs/protocols.md does not name", file, match[1])
					}
				}
			}
		}
		if found < 3 {
			t.Errorf("%s: %d fields found", name, found)
		}
	}
}

// named reports whether the page has a field between backquotes, alone, at the
// end of a path, or as what a prefix stands for.
func named(page, field string) bool {
	for _, form := range []string{"`" + field + "`", "." + field + "`", "`" + field + ".", "`" + field + ":"} {
		if strings.Contains(page, form) {
			return true
		}
	}
	return false
}
