package tracker

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"os"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "make ibarura.min.js anew")

// build is how ibarura.min.js is made of tracker.js: esbuild's own Go package,
// pinned by go.mod, so that the bytes are the same everywhere.
func build(t *testing.T) []byte {
	t.Helper()
	source, err := os.ReadFile("tracker.js")
	if err != nil {
		t.Fatal(err)
	}
	made := api.Transform(string(source), api.TransformOptions{
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true, Target: api.ES2017, Charset: api.CharsetUTF8,
	})
	if len(made.Errors)+len(made.Warnings) > 0 {
		t.Fatalf("%v %v", made.Errors, made.Warnings)
	}
	return append([]byte("/* Ibarura. What it sends and what it does not: docs/tracker.md */\n"), made.Code...)
}

func TestTheServedScriptIsMadeOfItsSource(t *testing.T) {
	made := build(t)
	if *update {
		if err := os.WriteFile("ibarura.min.js", made, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(made), string(script)); diff != "" {
		t.Errorf("tracker.js was changed: go test ./internal/tracker -update (made -, served +)\n%s", diff)
	}
}

func TestTheScriptIsUnder2KBGzipped(t *testing.T) {
	packed := Script().For("gzip")
	if len(packed.Body) >= 2000 {
		t.Errorf("%d bytes gzipped", len(packed.Body))
	}
	t.Logf("%d bytes, %d with gzip, %d with br", len(script), len(packed.Body), len(Script().For("br").Body))
	r, err := gzip.NewReader(bytes.NewReader(packed.Body))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(r); err != nil || !bytes.Equal(plain, script) {
		t.Errorf("unpacked it is another script: %v", err)
	}
}
