package openapi

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Style and Script are the page's own files. The page works without the
// script, which only searches.
var (
	//go:embed page/docs.css
	Style []byte
	//go:embed page/docs.js
	Script []byte
	//go:embed page/page.html
	pageText string
)

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"parts": partsOf, "paragraphs": paragraphsOf, "lower": strings.ToLower,
}).Parse(pageText))

// Links are where the page finds what is not in it.
type Links struct {
	Document, Style, Script string
}

// Page writes the document for people, as HTML without anything from elsewhere.
func Page(d *Document, links Links) ([]byte, error) {
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, newPage(d, links))
	return b.Bytes(), err
}

// page is what the template shows.
type page struct {
	Links
	Info     Info
	Security Map[SecurityScheme]
	Groups   []group
	Shared   []shared
	Problems []Problem
}

// group is the operations of a tag.
type group struct {
	Tag
	Operations []shownOperation
}

// shownOperation is an operation as the page shows it.
type shownOperation struct {
	*Operation
	Keys      []string // what to say of the key that it needs
	Answer    string   // status and description of what succeeds
	Media     []string // of the answer
	Fields    []field  // of the answer
	BodyMedia []string
	Sent      []field // of the request's body
	Example   string
	Curl      string
	Problems  []statusCodes
}

// statusCodes are the problems of a status.
type statusCodes struct {
	Status string
	Codes  []string
}

// shared is a component that many operations answer with.
type shared struct {
	Name, Description string
	Fields            []field
}

func newPage(d *Document, links Links) page {
	f := newFields(d)
	p := page{Links: links, Info: d.Info, Security: d.Components.SecuritySchemes, Problems: d.Problems}
	for _, tag := range d.Tags {
		g := group{Tag: tag}
		for _, op := range d.Operations() {
			if slices.Contains(op.Tags, tag.Name) {
				g.Operations = append(g.Operations, shown(op, f))
			}
		}
		p.Groups = append(p.Groups, g)
	}
	for _, name := range f.shared {
		s, _ := d.Components.Schemas.Get(name)
		p.Shared = append(p.Shared, shared{name, s.Description, f.of(s)})
	}
	return p
}

func shown(op *Operation, f *fields) shownOperation {
	s := shownOperation{Operation: op, Keys: keysOf(op.Security), Curl: curl(op)}
	for _, r := range op.Responses {
		if code, found := problemCodes(r.Value); found {
			s.Problems = append(s.Problems, statusCodes{r.Name, code})
		} else if s.Answer == "" {
			s.Answer = r.Name + ". " + r.Value.Description
			s.Media, s.Fields, s.Example = f.content(r.Value.Content)
		}
	}
	if op.Body != nil {
		s.BodyMedia, s.Sent, _ = f.content(op.Body.Content)
	}
	return s
}

// keysOf says which keys suffice, and where they stand.
func keysOf(ways []Security) []string {
	if len(ways) == 0 {
		return []string{"no key"}
	}
	list := []string{}
	for _, way := range ways {
		if len(way) == 0 {
			list = append(list, "key in the body")
		}
		for _, scopes := range way {
			for _, scope := range scopes {
				if name := scope + " key"; !slices.Contains(list, name) {
					list = append(list, name)
				}
			}
		}
	}
	return list
}

// problemCodes returns the codes of an answer that is a problem.
func problemCodes(r Response) (codes []string, is bool) {
	media, is := r.Content.Get("application/problem+json")
	if !is || len(media.Schema.AllOf) < 2 {
		return nil, is
	}
	code, _ := media.Schema.AllOf[1].Properties.Get("code")
	for _, value := range code.Enum {
		codes = append(codes, value.(string))
	}
	return codes, true
}

// curl is the operation's request as a command.
func curl(op *Operation) string {
	var b strings.Builder
	b.WriteString("curl -sS")
	if op.Method != http.MethodGet && op.Try.Body == "" {
		b.WriteString(" -X " + op.Method)
	}
	fmt.Fprintf(&b, " '%s'", plainKeys("http://127.0.0.1:8080"+op.Target()))
	for _, h := range op.headers() {
		fmt.Fprintf(&b, " \\\n  -H '%s: %s'", h[0], plainKeys(h[1]))
	}
	if op.Try.Body != "" {
		fmt.Fprintf(&b, " \\\n  -d '%s'", strings.ReplaceAll(plainKeys(op.Try.Body), "'", `'\''`))
	}
	return b.String()
}

var keyVariable = regexp.MustCompile(`\{\{([a-z]+)\}\}`)

// plainKeys writes {{write}} as WRITE_KEY.
func plainKeys(text string) string {
	return keyVariable.ReplaceAllStringFunc(text, func(v string) string { return strings.ToUpper(v[2:len(v)-2]) + "_KEY" })
}

// Target is the path and query of the operation's request. {{write}}, {{read}}
// and {{admin}} stand for keys.
func (op *Operation) Target() string {
	target := op.Path
	if op.Try.Path != "" {
		target = op.Try.Path
	}
	if op.Try.Query != "" {
		target += "?" + op.Try.Query
	}
	return target
}

// headers are those of the operation's request.
func (op *Operation) headers() [][2]string {
	var list [][2]string
	if op.Try.Key != "" {
		list = append(list, [2]string{"Authorization", "Bearer {{" + op.Try.Key + "}}"})
	}
	if op.Try.ContentType != "" {
		list = append(list, [2]string{"Content-Type", op.Try.ContentType})
	}
	return append(list, op.Try.Headers...)
}

// part is a piece of a text that is all of one kind.
type part struct {
	Code, Bold bool
	Text       string
}

var marked = regexp.MustCompile("`[^`]+`|\\*\\*[^*]+\\*\\*")

// partsOf tells `code` and **bold** in a text apart.
func partsOf(text string) []part {
	var list []part
	last := 0
	for _, at := range marked.FindAllStringIndex(text, -1) {
		list = append(list, part{Text: text[last:at[0]]})
		piece := text[at[0]:at[1]]
		list = append(list, part{Code: piece[0] == '`', Bold: piece[0] == '*', Text: strings.Trim(piece, "`*")})
		last = at[1]
	}
	return append(list, part{Text: text[last:]})
}

func paragraphsOf(text string) []string { return strings.Split(text, "\n\n") }

func indented(example json.RawMessage) string {
	var b bytes.Buffer
	if json.Indent(&b, example, "", "  ") != nil {
		return string(example)
	}
	return strings.TrimSpace(b.String())
}
