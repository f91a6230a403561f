package openapi_test

import (
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/httpapi"
	"ibarura/internal/openapi"
	"ibarura/internal/report"
)

var update = flag.Bool("update", false, "rewrite comments.json and docs/errors.md")

// What the document says of types and fields is what their source says.
func TestDescriptionsAreTheCommentsOfTheSource(t *testing.T) {
	want := map[string]string{}
	types := []reflect.Type{reflect.TypeFor[report.Answer](), reflect.TypeFor[report.Comparison]()}
	for _, documented := range httpapi.DocumentedTypes() {
		types = append(types, documented)
	}
	sources := map[string]map[string]*ast.TypeSpec{}
	for _, documented := range types {
		dir := filepath.Join("..", "..", strings.TrimPrefix(documented.PkgPath(), "ibarura/"))
		if sources[dir] == nil {
			sources[dir] = typesIn(t, dir)
		}
		addComments(want, documented, sources[dir])
	}
	text, err := json.MarshalIndent(want, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile("comments.json", text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("comments.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), string(text)); diff != "" {
		t.Errorf("comments.json (-), source (+); go test ./internal/openapi -update renews it:\n%s", diff)
	}
}

// typesIn returns the types that a folder declares.
func typesIn(t *testing.T, dir string) map[string]*ast.TypeSpec {
	t.Helper()
	found := map[string]*ast.TypeSpec{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			general, is := declaration.(*ast.GenDecl)
			if !is || general.Tok != token.TYPE {
				continue
			}
			for _, spec := range general.Specs {
				declared := spec.(*ast.TypeSpec)
				if declared.Doc == nil {
					declared.Doc = general.Doc
				}
				found[declared.Name.Name] = declared
			}
		}
	}
	return found
}

// addComments adds those of a type and of its fields, and of what it embeds.
func addComments(to map[string]string, documented reflect.Type, source map[string]*ast.TypeSpec) {
	declared, found := source[documented.Name()]
	if !found {
		return
	}
	put(to, openapi.CommentKey(documented, ""), declared.Doc.Text())
	fields, is := declared.Type.(*ast.StructType)
	if !is {
		return
	}
	for _, field := range fields.Fields.List {
		text := field.Doc.Text()
		if text == "" {
			text = field.Comment.Text()
		}
		for _, name := range field.Names {
			if field.Tag == nil {
				continue
			}
			tag := reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json")
			shown, _, _ := strings.Cut(tag, ",")
			if shown == "-" || shown == "" {
				continue
			}
			put(to, openapi.CommentKey(documented, name.Name), inJSON(text, name.Name, shown))
		}
	}
	for i := range documented.NumField() {
		if f := documented.Field(i); f.Anonymous {
			embedded := f.Type
			if embedded.Kind() == reflect.Pointer {
				embedded = embedded.Elem()
			}
			if path.Base(embedded.PkgPath()) == path.Base(documented.PkgPath()) {
				addComments(to, embedded, source)
			}
		}
	}
}

// inJSON calls a field at the beginning of its comment by its name in JSON.
func inJSON(text, field, shown string) string {
	return regexp.MustCompile(`^`+field+`\b`).ReplaceAllString(text, "`"+shown+"`")
}

func put(to map[string]string, key, text string) {
	if text = strings.Join(strings.Fields(text), " "); text != "" {
		to[key] = text
	}
}

func TestTheErrorsPageIsMadeFromTheCodes(t *testing.T) {
	const file = "../../docs/errors.md"
	want := openapi.ErrorsPage(httpapi.Document().Problems)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), want); diff != "" {
		t.Errorf("docs/errors.md (-), codes (+); go test ./internal/openapi -update renews it:\n%s", diff)
	}
}

func TestTheRequestFileIsMadeFromTheDocument(t *testing.T) {
	const file = "../../docs/ibarura.http"
	want := openapi.HTTPFile(httpapi.Document())
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), want); diff != "" {
		t.Errorf("docs/ibarura.http (-), document (+); go test ./internal/openapi -update renews it:\n%s", diff)
	}
}
