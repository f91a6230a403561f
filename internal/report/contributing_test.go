package report

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// exampleBlock is a piece of code under the heading of the worked example.
var (
	exampleBlock = regexp.MustCompile("(?s)```(?:go|sql)\n(.*?)```")
	exampleFile  = regexp.MustCompile("`(internal/[a-z_./]+)`")
)

func TestTheWorkedExampleIsTheCode(t *testing.T) {
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(text), "## Adding a metric, step by step\n")
	example, _, _ = strings.Cut(example, "\n## ")
	blocks := exampleBlock.FindAllStringSubmatchIndex(example, -1)
	if len(blocks) < 4 {
		t.Fatalf("%d pieces of code, want a definition, a query, an answer and a test", len(blocks))
	}
	for _, at := range blocks {
		files := exampleFile.FindAllStringSubmatch(example[:at[0]], -1)
		if len(files) == 0 {
			t.Fatal("a piece of code before any file is named")
		}
		file := files[len(files)-1][1]
		code, err := os.ReadFile(filepath.Join("../..", file))
		if err != nil {
			t.Fatal(err)
		}
		if piece := example[at[2]:at[3]]; !strings.Contains(string(code), piece) {
			t.Errorf("%s does not have what the example says:\n%s", file, piece)
		}
	}
}
