package report

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the registries into docs/definitions.md and docs/query.md")

// registryMark ends what is written by hand in a file.
var registryMark = regexp.MustCompile("<!-- From here on: the regist[a-z]+ in internal/report, written by `go test ./internal/report -update`. -->\n")

// repeats holds a file's generated end against what it has to be.
func repeats(t *testing.T, file, want string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	mark := registryMark.FindIndex(text)
	if mark == nil {
		t.Fatalf("%s has no line %s", file, registryMark)
	}
	if *update {
		if err := os.WriteFile(file, append(text[:mark[1]:mark[1]], want...), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(text[mark[1]:])); diff != "" {
		t.Errorf("the registry (-), %s (+); run with -update:\n%s", file, diff)
	}
}

func TestTheDocumentationRepeatsTheDefinitions(t *testing.T) {
	var want strings.Builder
	for _, d := range Definitions {
		fmt.Fprintf(&want, "\n### %s\n\n`%s`: %s\n", d.Title, d.Key, d.Sentence)
	}
	repeats(t, "../../docs/definitions.md", want.String())
}

func TestTheDocumentationRepeatsWhatCanBeAsked(t *testing.T) {
	var want strings.Builder
	want.WriteString("\n## Metrics\n\nTime (`period`, `weekday`, `hour_of_day`) is a dimension of each.\n\n| metric | what it is | unit | dimensions |\n|---|---|---|---|\n")
	for _, m := range Metrics() {
		names := "time alone"
		if len(m.Dimensions) > 0 {
			names = "`" + strings.Join(m.Dimensions, "`, `") + "`"
		}
		fmt.Fprintf(&want, "| `%s` | %s | %s | %s |\n", m.Key, m.Sentence, m.Unit, names)
	}
	want.WriteString("\n## Dimensions\n\n| dimension | what it is |\n|---|---|\n")
	for _, d := range Dimensions() {
		fmt.Fprintf(&want, "| `%s` | %s |\n", d.Key, d.Sentence)
	}
	repeats(t, "../../docs/query.md", want.String())
}

func TestEveryDefinitionIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Definitions {
		if d.Key == "" || d.Title == "" || !strings.HasSuffix(d.Sentence, ".") || seen[d.Key] {
			t.Errorf("definition %+v is not whole, or there twice", d)
		}
		seen[d.Key] = true
	}
}

func TestDefinitionsNameTheTypesThatAreCounted(t *testing.T) {
	for key, types := range map[string][]string{
		"signups": signupTypes, "logins": loginTypes, "logins_by_period": loginTypes, "posts_created": postTypes, "views": viewTypes,
		"comments": commentTypes, "reactions": reactionTypes, "shares": shareTypes,
	} {
		for _, name := range types {
			if !strings.Contains(define(key).Sentence, name) {
				t.Errorf("the definition of %s does not name the type %s", key, name)
			}
		}
	}
}
