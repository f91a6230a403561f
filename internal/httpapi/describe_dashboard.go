package httpapi

import (
	"net/http"

	"ibarura/internal/access"
	"ibarura/internal/openapi"
)

const tagDashboard = "Dashboard"

// describeDashboard documents the page that people see, its sessions, and where
// the links of reports lead.
func (d *description) describeDashboard() {
	d.describeSessions()
	notBuilt := openapi.Member[openapi.Response]{Name: "503", Value: openapi.Response{
		Description: "It was not built into this program; the page says how.", Content: openapi.Map[openapi.Media]{media("text/html", openapi.Text())}}}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		page := &openapi.Operation{
			Method: method, Path: "/", ID: "page_" + method, Tags: []string{tagDashboard}, Summary: "The dashboard", Description: "docs/dashboard.md.",
			Responses: append(answers("The page.", media("text/html", openapi.Text())), unchanged, notBuilt),
		}
		file := &openapi.Operation{
			Method: method, Path: "/assets/{name}", ID: "asset_" + method, Tags: []string{tagDashboard}, Summary: "A file of the dashboard",
			Parameters: []openapi.Parameter{{Name: "name", In: "path", Required: true, Description: "Its name, which changes with what is in it.", Schema: openapi.Text()}},
			Responses: append(answers("The file.", media("text/css", openapi.Text()), media("text/javascript", openapi.Text()),
				media("image/svg+xml", openapi.Text()), media("application/json", &openapi.Schema{})), unchanged),
			Try: openapi.Try{Path: "/assets/unknown.css", Status: http.StatusNotFound, Comment: "The page knows the names."},
		}
		d.add(page)
		d.add(file, "not_found")
	}
	d.describeUnsubscribing()
}

func (d *description) describeSessions() {
	const example = `{"key": "{{read}}"}`
	header := openapi.Parameter{Name: sessionHeader, In: "header", Required: true, Description: "Anything: no form of another page can send it.", Schema: openapi.Text()}
	sent := [][2]string{{sessionHeader, "1"}}
	whom := d.schemas.Of(session{})
	signIn := openapi.Member[openapi.Media]{Name: "application/json", Value: openapi.Media{Example: []byte(example), Schema: &openapi.Schema{
		Type: "object", AdditionalProperties: false, Required: []string{"key"}, Properties: openapi.Map[*openapi.Schema]{{Name: "key", Value: openapi.Text()}}}}}
	d.add(&openapi.Operation{
		Method: http.MethodPost, Path: sessionPath, ID: "sign_in", Tags: []string{tagDashboard}, Summary: "Sign a browser in",
		Description: "A key that may read becomes a cookie that no script sees.", Parameters: []openapi.Parameter{header},
		Body: body("A read or an admin key.", signIn), Responses: answers("Whom the browser is signed in as.", inJSON(whom)),
		Try: openapi.Try{ContentType: "application/json", Body: example, Headers: sent},
	}, append(append([]string{"cross_site", "invalid_sign_in"}, keyCodes...), bodyCodes...)...)
	d.add(&openapi.Operation{
		Method: http.MethodGet, Path: sessionPath, ID: "session", Tags: []string{tagDashboard}, Summary: "Who is signed in",
		Description: "Whom the request comes from, by its key or cookie; null if from nobody.", Security: append(needs(access.Read), openapi.Security{}),
		Responses: answers("Who it is.", inJSON(openapi.OrNull(whom))), Try: openapi.Try{Key: access.Read.String()},
	}, "cross_site", "forbidden", "keys_unavailable")
	d.add(&openapi.Operation{
		Method: http.MethodDelete, Path: sessionPath, ID: "sign_out", Tags: []string{tagDashboard}, Summary: "Sign a browser out",
		Description: "It needs no session.", Parameters: []openapi.Parameter{header},
		Responses: answers("Nobody is signed in.", inJSON(&openapi.Schema{Type: "object", AdditionalProperties: false, Required: []string{"signed_in"},
			Properties: openapi.Map[*openapi.Schema]{{Name: "signed_in", Value: openapi.Bool()}}})),
		Try: openapi.Try{Headers: sent},
	}, "cross_site")
}

// describeUnsubscribing documents where the link of a report leads.
func (d *description) describeUnsubscribing() {
	for _, way := range []struct{ method, text string }{
		{http.MethodGet, "Asks whether reports are to end."},
		{http.MethodPost, "Ends them: what the page's button sends, and mail programs for one click (RFC 8058)."},
	} {
		d.add(&openapi.Operation{
			Method: way.method, Path: pathIn(unsubscribeRoute), ID: "unsubscribe_" + way.method, Tags: []string{tagDashboard},
			Summary: "No more reports", Description: way.text,
			Parameters: []openapi.Parameter{{Name: "token", In: "path", Required: true, Description: "As the report's link has it.", Schema: openapi.Text()}},
			Responses:  answers("A page that says so.", media("text/html", openapi.Text())),
			Try:        openapi.Try{Path: pathWith(unsubscribeRoute, "unknown"), Status: http.StatusNotFound, Comment: "The link of a report has the token."},
		}, "unknown_link", "storage_unavailable")
	}
}
