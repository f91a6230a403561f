package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/event"
	"ibarura/internal/ingest"
	"ibarura/internal/report"
)

var update = flag.Bool("update", false, "rewrite the outputs in the documentation")

// shown matches a command in the documentation and the output that stands
// under it.
var shown = regexp.MustCompile("(?s)```sh\n((?:curl|bin/ibarura) [^`]*?)```\n\n```(?:json|text)\n(.*?)```")

// changing is what differs from run to run; everything else is word for word.
// Which tables answer depends on whether the derived ones were made again by then.
var changing = []struct {
	match *regexp.Regexp
	as    string
}{
	{regexp.MustCompile(`"as_of": ?"[^"]*"`), `"as_of": "…"`},
	{regexp.MustCompile(`"elapsed_ms": ?[0-9.]+`), `"elapsed_ms": …`},
	{regexp.MustCompile(`"rows_read": ?[0-9]+`), `"rows_read": …`},
	{regexp.MustCompile(`"source": ?\[[^\]]*\]`), `"source": …`},
	{regexp.MustCompile(`[0-9.]+ s, [0-9]+ items/s`), `… s, … items/s`},
	{regexp.MustCompile(`(?m)^.*about [0-9a-z.]+ left$\n`), ``},
}

func settle(text string) string {
	for _, c := range changing {
		text = c.match.ReplaceAllString(text, c.as)
	}
	return text
}

// The README's and the guide's commands are run as they stand, on a fresh data
// folder, with only the address and the folder changed.
func TestDocumentedCommandsGiveTheDocumentedOutput(t *testing.T) {
	for _, file := range []string{"README.md", "docs/first-import.md"} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			path := filepath.Join("..", "..", file)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := serve(t, t.TempDir())
			found := shown.FindAllSubmatchIndex(text, -1)
			if len(found) < 2 {
				t.Fatalf("%d commands with their output in %s", len(found), file)
			}
			var renewed bytes.Buffer
			last := 0
			for _, at := range found {
				got := s.shell(string(text[at[2]:at[3]]))
				if file != "README.md" {
					got = indented(got)
				}
				if diff := cmp.Diff(settle(string(text[at[4]:at[5]])), settle(got)); diff != "" && !*update {
					t.Errorf("%s\ndocumentation (-), output (+):\n%s", text[at[2]:at[3]], diff)
				}
				renewed.Write(text[last:at[4]])
				renewed.WriteString(got)
				last = at[5]
			}
			renewed.Write(text[last:])
			if *update {
				if err := os.WriteFile(path, renewed.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// indented lays JSON out for readers and leaves other text alone.
func indented(text string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(text), "", "  ") != nil {
		return text
	}
	return b.String()
}

// shell runs a documented command in the root of the repository.
func (s *instance) shell(script string) string {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	script = strings.ReplaceAll(script, "http://127.0.0.1:8080", s.base)
	script = strings.ReplaceAll(script, "bin/ibarura", self)
	cmd := exec.Command("bash", "-c", "set -e -o pipefail\n"+script)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), beMain+"=1", "IBARURA_DATA_DIR="+s.dir, "IBARURA_URL="+s.base, "XDG_STATE_HOME="+s.t.TempDir())
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("%s\n%v\n%s%s", script, err, stdout.String(), stderr.String())
	}
	return strings.ReplaceAll(stdout.String(), s.base, "http://127.0.0.1:8080")
}

// The pages are written by hand; what they must not forget is held against the code.
func TestDocumentationNamesEveryLimitAndCode(t *testing.T) {
	lim := event.DefaultLimits()
	writing := []string{
		fmt.Sprintf("| `id` | %d bytes |", lim.MaxIDBytes),
		fmt.Sprintf("| `type` | %d bytes |", lim.MaxTypeBytes),
		fmt.Sprintf("`object_id` | %d bytes |", lim.MaxIdentityBytes),
		fmt.Sprintf("`object_type` | %d bytes |", lim.MaxLabelBytes),
		fmt.Sprintf("| `tags` | %d tags of %d bytes |", lim.MaxTags, lim.MaxTagBytes),
		fmt.Sprintf("| %d properties, keys of %d bytes, values of %d bytes |", lim.MaxProperties, lim.MaxPropertyKeyBytes, lim.MaxPropertyValueBytes),
		fmt.Sprintf("`referrer` | %d bytes |", lim.MaxURLBytes),
		fmt.Sprintf("| `title` | %d bytes |", lim.MaxTitleBytes),
		fmt.Sprintf("| `user_agent` | %d bytes |", lim.MaxUserAgentBytes),
		fmt.Sprintf("| `duration_ms` | %.0f hours |", lim.MaxDuration.Hours()),
		fmt.Sprintf("%.0f hours ahead", lim.MaxAhead.Hours()),
		"from " + lim.Earliest.Time().Format("2006-01-02"),
		fmt.Sprintf("| one item | %d bytes of JSON, nested %d deep |", lim.MaxItemBytes, lim.MaxDepth),
		fmt.Sprintf("| %d; `rejected_unlisted`", ingest.MaxListed),
	}
	for _, code := range event.Codes() {
		writing = append(writing, "| `"+code+"` |")
	}
	var reading []string
	for _, code := range []string{report.CodeMissing, report.CodeOutOfRange, report.CodeInvalid, report.CodeEmptyRange, report.CodeTooMany, report.CodeUnsupported} {
		reading = append(reading, "`"+code+"`")
	}
	for file, wanted := range map[string][]string{"docs/writing.md": writing, "docs/reading.md": reading} {
		text, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wanted {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s does not say %q", file, want)
			}
		}
	}
}
