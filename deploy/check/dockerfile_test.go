package check

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// stages parses the Dockerfile as BuildKit does; what BuildKit's linter says of
// it is an error.
func stages(t *testing.T) []instructions.Stage {
	t.Helper()
	file, err := os.Open(filepath.Join(top, "deploy/Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	parsed, err := parser.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, warning := range parsed.Warnings {
		t.Errorf("Dockerfile: %s", warning.Short)
	}
	rules := linter.New(&linter.Config{Warn: func(rule, _, _, message string, at []parser.Range) {
		t.Errorf("Dockerfile:%d: %s: %s", at[0].Start.Line, rule, message)
	}})
	list, _, err := instructions.Parse(parsed.AST, rules)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestTheImageRunsTheServiceAsNobody(t *testing.T) {
	list := stages(t)
	last := list[len(list)-1]
	var user string
	var health []string
	for _, command := range last.Commands {
		switch c := command.(type) {
		case *instructions.UserCommand:
			user = c.User
		case *instructions.HealthCheckCommand:
			health = c.Health.Test
		}
	}
	if uid, _, _ := strings.Cut(user, ":"); uid == "" || uid == "0" || uid == "root" {
		t.Errorf("user %q", user)
	}
	if !slices.Equal(health, []string{"CMD", "/usr/local/bin/ibarura", "health"}) {
		t.Errorf("health check %q", health)
	}
}

func TestTheImageIsBuiltWithTheGoOfTheModule(t *testing.T) {
	module, err := os.ReadFile(filepath.Join(top, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	var version string
	for line := range strings.Lines(string(module)) {
		if rest, found := strings.CutPrefix(line, "go "); found {
			version = strings.TrimSpace(rest)
		}
	}
	var bases []string
	for _, stage := range stages(t) {
		bases = append(bases, stage.BaseName)
	}
	if !slices.Contains(bases, "golang:"+version+"-bookworm") {
		t.Errorf("built in %v, and go.mod wants Go %s", bases, version)
	}
}

// TestTheImageFindsWhatItCopies keeps the Dockerfile and .dockerignore in step:
// what is copied has to exist and to be let through, by itself or with its folder.
func TestTheImageFindsWhatItCopies(t *testing.T) {
	ignore, err := os.ReadFile(filepath.Join(top, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	allowed := strings.Split(string(ignore), "\n")
	copied := 0
	for _, stage := range stages(t) {
		for _, command := range stage.Commands {
			c, ok := command.(*instructions.CopyCommand)
			if !ok || c.From != "" {
				continue
			}
			for _, source := range c.SourcePaths {
				copied++
				if _, err := os.Stat(filepath.Join(top, source)); err != nil {
					t.Error(err)
				}
				lets := func(line string) bool { return strings.HasPrefix("!"+source+"/", line+"/") && line != "" }
				if !slices.ContainsFunc(allowed, lets) {
					t.Errorf(".dockerignore keeps %s out", source)
				}
			}
		}
	}
	if copied == 0 {
		t.Error("the image copies nothing")
	}
}
