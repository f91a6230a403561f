package httpapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/event"
	"ibarura/internal/openapi"
	"ibarura/internal/report"
)

func routed(t *testing.T) *Server {
	t.Helper()
	reg := prometheus.NewRegistry()
	s, err := New(Config{MaxBodyMemory: 1 << 20, BodyTimeout: time.Minute, WriteTimeout: time.Minute}, Deps{Gatherer: reg, Registry: reg, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var pathValue = regexp.MustCompile(`:([a-z]+)`)

// Preflights are what browsers ask by themselves; the document names them once.
func TestEveryRouteIsDocumentedAndEveryDocumentedRouteIsThere(t *testing.T) {
	var have, documented []string
	for _, r := range routed(t).engine.Routes() {
		path := r.Path
		if path != "/" {
			path = strings.TrimSuffix(path, "/")
		}
		route := r.Method + " " + pathValue.ReplaceAllString(path, "{$1}")
		if r.Method != http.MethodOptions && !slices.Contains(have, route) {
			have = append(have, route)
		}
	}
	for _, op := range Document().Operations() {
		documented = append(documented, op.Method+" "+op.Path)
	}
	slices.Sort(have)
	slices.Sort(documented)
	if diff := cmp.Diff(have, documented); diff != "" {
		t.Errorf("routes (-), document (+):\n%s", diff)
	}
}

func TestOperationsHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, op := range Document().Operations() {
		if seen[op.ID] {
			t.Errorf("%s is there twice", op.ID)
		}
		seen[op.ID] = true
	}
}

func TestEveryParameterThatIsReadIsDocumented(t *testing.T) {
	for _, e := range report.Endpoints() {
		documented := map[string]bool{}
		for _, p := range parametersOf(e) {
			documented[p.Name] = true
			if _, read := parameter(e, p.Name); !read {
				t.Errorf("%s: %s is documented, and not read", e.Path, p.Name)
			}
		}
		for name := range parameters {
			_, filters := filterParameters[name]
			fits := !filters || e.Fields.By(name)
			optional := name == "interval" && !e.Series || name == "cursor" && !e.Ranking
			if fits && !optional && !documented[name] {
				t.Errorf("%s: %s is read, and not documented", e.Path, name)
			}
		}
	}
}

// The table of codes is held against the source: each call that makes a problem
// is found in it, with its status, and each code of it somewhere in the source.
func TestTheTableOfCodesIsThatOfTheSource(t *testing.T) {
	made := problemsInSource(t)
	for _, code := range []string{report.CodeMissing, report.CodeInvalid, report.CodeOutOfRange, report.CodeEmptyRange, report.CodeTooMany, report.CodeUnsupported} {
		made[code] = http.StatusBadRequest
	}
	for _, limit := range []string{"timeout", "memory", "rows", "scan"} {
		made["limit_"+limit] = http.StatusUnprocessableEntity
	}
	table := map[string]int{}
	for _, p := range problems {
		table[p.Code] = p.Status
	}
	for _, code := range itemCodes() { // of items, and of a body as a whole
		delete(made, code)
	}
	if diff := cmp.Diff(made, table); diff != "" {
		t.Errorf("source (-), table (+):\n%s", diff)
	}
	if diff := cmp.Diff(event.Codes(), itemCodes()); diff != "" {
		t.Errorf("codes of items (-), table (+):\n%s", diff)
	}
}

// problemsInSource returns the codes and statuses in calls of problem and
// badParameter.
func problemsInSource(t *testing.T) map[string]int {
	t.Helper()
	statuses := map[string]int{"statusClientClosed": statusClientClosed, "status": http.StatusTooManyRequests}
	for code := 100; code < 600; code++ {
		statuses["Status"+strings.NewReplacer(" ", "", "-", "", "'", "").Replace(http.StatusText(code))] = code
	}
	made := map[string]int{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, is := n.(*ast.CallExpr)
			if !is || len(call.Args) < 2 {
				return true
			}
			name, _ := call.Fun.(*ast.Ident)
			code, literal := call.Args[1].(*ast.BasicLit)
			if name == nil || !literal || name.Name != "problem" && name.Name != "badParameter" {
				return true
			}
			text, _ := strconv.Unquote(code.Value)
			earlier := made[text]
			made[text] = http.StatusBadRequest
			if name.Name == "problem" {
				made[text] = max(earlier, statusIn(call.Args[0], statuses)) // where there are two, the table has the server's fault
			}
			return true
		})
	}
	return made
}

func statusIn(arg ast.Expr, statuses map[string]int) int {
	switch arg := arg.(type) {
	case *ast.SelectorExpr:
		return statuses[arg.Sel.Name]
	case *ast.Ident:
		return statuses[arg.Name]
	case *ast.BasicLit:
		n, _ := strconv.Atoi(arg.Value)
		return n
	}
	return 0
}

func TestEveryReadHasAnExampleThatWasReallyAnswered(t *testing.T) {
	for _, op := range Document().Operations() {
		media, inJSON := op.Responses[0].Value.Content.Get("application/json")
		if slices.Contains(op.Tags, tagRead) && inJSON && len(media.Example) == 0 {
			t.Errorf("%s has no example", op.ID)
		}
	}
}

var link = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

func TestThePageLoadsNothingFromElsewhereAndItsLinksLeadSomewhere(t *testing.T) {
	s := routed(t)
	page := httptest.NewRecorder()
	s.ServeHTTP(page, httptest.NewRequest(http.MethodGet, docsPath, nil))
	text := page.Body.String()
	if policy := page.Header().Get("Content-Security-Policy"); page.Code != http.StatusOK || policy != docsPolicy {
		t.Fatalf("%d, policy %q", page.Code, policy)
	}
	for _, found := range link.FindAllStringSubmatch(text, -1) {
		if anchor, within := strings.CutPrefix(found[1], "#"); within {
			if !strings.Contains(text, `id="`+anchor+`"`) {
				t.Errorf("nothing is at %s", found[1])
			}
			continue
		}
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, found[1], nil))
		if answer.Code != http.StatusOK {
			t.Errorf("%s: %d", found[1], answer.Code)
		}
	}
	for _, p := range slices.Concat(problems, itemProblems) {
		if !strings.Contains(text, `id="problem-`+p.Code+`"`) {
			t.Errorf("the type of %s leads nowhere", p.Code)
		}
	}
	if strings.Contains(text, "style=") || strings.Contains(text, "onclick") || strings.Contains(text, "<style") {
		t.Error("the page has a style or script in it, which its policy refuses")
	}
}

func TestTheDocumentIsSentOnceToWhoKeepsIt(t *testing.T) {
	s := routed(t)
	ask := httptest.NewRequest(http.MethodGet, documentPath, nil)
	first := httptest.NewRecorder()
	s.ServeHTTP(first, ask)
	ask.Header.Set("If-None-Match", first.Header().Get("ETag"))
	again := httptest.NewRecorder()
	s.ServeHTTP(again, ask)
	if first.Code != http.StatusOK || !strings.Contains(first.Body.String(), `"openapi":"`+openapi.Version+`"`) || again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("%d, then %d with %d bytes", first.Code, again.Code, again.Body.Len())
	}
}
