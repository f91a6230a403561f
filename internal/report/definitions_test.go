package report

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the definitions into docs/definitions.md")

const (
	definitionsFile = "../../docs/definitions.md"
	// definitionsMark ends what is written by hand in the file.
	definitionsMark = "<!-- From here on: the registry in internal/report, written by `go test ./internal/report -update`. -->\n"
)

func TestTheDocumentationRepeatsTheDefinitions(t *testing.T) {
	text, err := os.ReadFile(definitionsFile)
	if err != nil {
		t.Fatal(err)
	}
	intro, got, found := strings.Cut(string(text), definitionsMark)
	if !found {
		t.Fatalf("%s has no line %q", definitionsFile, definitionsMark)
	}
	var want strings.Builder
	for _, d := range Definitions {
		fmt.Fprintf(&want, "\n### %s\n\n`%s`: %s\n", d.Title, d.Key, d.Sentence)
	}
	if *update {
		if err := os.WriteFile(definitionsFile, []byte(intro+definitionsMark+want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want.String(), got); diff != "" {
		t.Errorf("the registry (-), %s (+); run with -update:\n%s", definitionsFile, diff)
	}
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
