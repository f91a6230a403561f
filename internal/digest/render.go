package digest

import (
	"bytes"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"unicode/utf8"
)

// Letter is a report as it is sent.
type Letter struct {
	Language string
	Subject  string
	HTML     string
	Text     string
	Images   []Image
}

// Image is a picture that the HTML shows as cid:ID.
type Image struct {
	ID  string
	PNG []byte
}

// Links are where a letter leads; an empty one is left out.
type Links struct {
	Dashboard   string
	Unsubscribe string
}

//go:embed templates
var templateFiles embed.FS

var (
	htmlTemplate = htmltemplate.Must(htmltemplate.ParseFS(templateFiles, "templates/report.html"))
	pageTemplate = htmltemplate.Must(htmltemplate.ParseFS(templateFiles, "templates/page.html"))
	textTemplate = texttemplate.Must(texttemplate.New("report.txt").Funcs(texttemplate.FuncMap{"pad": pad}).ParseFS(templateFiles, "templates/report.txt"))
)

// Draft is a report in a language, with its charts drawn: what is the same for all
// who get it. It may be used by several goroutines.
type Draft struct {
	subject string
	view    view
	images  []Image
}

// Compose writes the numbers in a language.
func Compose(n *Numbers, language string) (*Draft, error) {
	w := WordsOf(language)
	d := &Draft{subject: w.subject(n), view: newView(w, n)}
	for _, c := range d.view.Charts {
		picture, err := w.draw(n.Period, c.series)
		if err != nil {
			return nil, err
		}
		d.images = append(d.images, Image{c.ID, picture})
	}
	return d, nil
}

// Letter is the report for one who gets it.
func (d *Draft) Letter(links Links) (*Letter, error) {
	v := d.view
	v.Links = links
	var html, text bytes.Buffer
	if err := htmlTemplate.Execute(&html, v); err != nil {
		return nil, fmt.Errorf("write the report as HTML: %w", err)
	}
	if err := textTemplate.Execute(&text, v); err != nil {
		return nil, fmt.Errorf("write the report as text: %w", err)
	}
	return &Letter{d.view.Language, d.subject, html.String(), text.String(), d.images}, nil
}

func (w Words) subject(n *Numbers) string {
	return w.Say("subject", n.Project, w.Say("title."+string(n.Period)), w.Range(n.Period, n.From, n.To))
}

// pad fills a text up to a width, in characters, on its right or, if the width is
// negative, on its left.
func pad(width int, text string) string {
	fill := strings.Repeat(" ", max(0, max(width, -width)-utf8.RuneCountInString(text)))
	if width < 0 {
		return fill + text
	}
	return text + fill
}
