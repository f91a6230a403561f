package openapi

import (
	"fmt"
	"strings"
)

const errorsHead = `# Errors

What is not the answer asked for is ` + "`application/problem+json`" + ` (RFC 9457): ` + "`type`, `title`, `status`, `code`, `detail`" + `, and where
they help ` + "`field`, `request_id`" + ` and ` + "`result`" + ` (what had been taken in before the problem). ` + "`code`" + ` is stable and meant for programs; ` + "`type`" + ` leads to
it on the page ` + "`/docs`" + ` of the server. This page is made from the same table (` + "`internal/httpapi/codes.go`" + `), and a test holds it against the source and against the
answers of all other tests.

| code | status | what it means | what to do |
|---|---|---|---|
`

const itemsHead = `
## Items

Codes of single items, in ` + "`rejected`" + ` of an answer with status 200: the others are taken in all the same. Where a body as a whole is meant, they are a problem with status 400.

| code | what it means | what to do |
|---|---|---|
`

// ErrorsPage writes the codes of problems, and those of items, as Markdown.
func ErrorsPage(problems []Problem) string {
	var b, items strings.Builder
	b.WriteString(errorsHead)
	items.WriteString(itemsHead)
	for _, p := range problems {
		if p.Status == 0 {
			fmt.Fprintf(&items, "| `%s` | %s | %s |\n", p.Code, p.Means, p.Do)
		} else {
			fmt.Fprintf(&b, "| `%s` | %d | %s | %s |\n", p.Code, p.Status, p.Means, p.Do)
		}
	}
	return b.String() + items.String()
}
