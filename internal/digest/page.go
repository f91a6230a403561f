package digest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	htmltemplate "html/template"
)

// pageStyle is all that the pages are drawn with; PageStyleHash lets a content
// security policy allow it and nothing else.
const pageStyle = `body{margin:0;background:#eef2f6;color:#0f172a;font:16px/1.5 system-ui,sans-serif}` +
	`main{max-width:32rem;margin:10vh auto;padding:1.5rem 2rem;background:#fff;border-radius:8px}` +
	`h1{font-size:1.25rem;margin:0}button{font:inherit;font-weight:600;padding:.6rem 1.2rem;border:0;border-radius:6px;background:#115e59;color:#fff;cursor:pointer}` +
	`button:focus-visible{outline:3px solid #5eead4;outline-offset:2px}` +
	`@media (prefers-color-scheme:dark){body{background:#0f172a;color:#e2e8f0}main{background:#1e293b}button{background:#5eead4;color:#042f2e}}`

// PageStyleHash is the source expression of the style of pages.
func PageStyleHash() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

type page struct {
	Language, Title, Text, Button string
	Style                         htmltemplate.CSS
}

// UnsubscribePage asks whether reports of a project shall end, in its language;
// done: says that they have.
func UnsubscribePage(language, project string, done bool) ([]byte, error) {
	w := WordsOf(language)
	p := page{Language: language, Title: w.Say("unsubscribe"), Text: w.Say("page.question", project), Button: w.Say("page.button"), Style: pageStyle}
	if done {
		p.Text, p.Button = w.Say("page.done"), ""
	}
	var html bytes.Buffer
	if err := pageTemplate.Execute(&html, p); err != nil {
		return nil, fmt.Errorf("write a page: %w", err)
	}
	return html.Bytes(), nil
}
