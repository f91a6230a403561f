package openapi

import (
	"fmt"
	"net/http"
	"strings"
)

const httpFileHead = `# Every request of the API, for the HTTP clients of editors (JetBrains, VS Code's REST Client). It is made from
# the OpenAPI document, and a test sends each of them: "expect" is the status that it is answered with.
# The keys are in keys.json of the data folder; ` + "`ibarura keys show read`" + ` prints one.
@host = http://127.0.0.1:8080
@write = WRITE_KEY
@read = READ_KEY
@admin = ADMIN_KEY
`

// HTTPFile writes the example of every operation as a request that an editor
// sends.
func HTTPFile(d *Document) string {
	var b strings.Builder
	b.WriteString(httpFileHead)
	for _, tag := range d.Tags {
		fmt.Fprintf(&b, "\n\n######## %s\n", tag.Name)
		for _, op := range d.Operations() {
			if op.Tags[0] == tag.Name {
				b.WriteString(Request(op))
			}
		}
	}
	return b.String()
}

// Request is the example of an operation as it stands in the file.
func Request(op *Operation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n# @name %s\n# expect %d\n", op.Summary, op.ID, op.Expect())
	if op.Try.Comment != "" {
		fmt.Fprintf(&b, "# %s\n", op.Try.Comment)
	}
	fmt.Fprintf(&b, "%s {{host}}%s\n", op.Method, op.Target())
	for _, h := range op.headers() {
		fmt.Fprintf(&b, "%s: %s\n", h[0], h[1])
	}
	if op.Try.Body != "" {
		fmt.Fprintf(&b, "\n%s\n", op.Try.Body)
	}
	return b.String()
}

// Expect is the status that the operation's request is answered with.
func (op *Operation) Expect() int {
	if op.Try.Status != 0 {
		return op.Try.Status
	}
	return http.StatusOK
}
