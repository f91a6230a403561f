package httpapi

import (
	"net/http"

	"ibarura/internal/access"
	"ibarura/internal/openapi"
)

// describeLinks documents links to views: how admins make and revoke them, and
// what who has one sees.
func (d *description) describeLinks() {
	link := d.schemas.Of(shownLink{})
	codes := append([]string{"cross_site", "storage_unavailable"}, keyCodes...)
	const path = "/api/v1/admin/links"
	const example = `{"name": "for the board", "view": "overview?range=12m", "days": 30}`
	d.add(&openapi.Operation{
		Method: http.MethodGet, Path: path, ID: "links", Tags: []string{tagAdmin}, Summary: "Links to views of the project",
		Description: "The newest first: all that are good, and the last 1,000 that are over or revoked.",
		Responses:   answers("The links.", inJSON(d.schemas.Of(shownLinks{}))), Security: needs(access.Admin), Try: openapi.Try{Key: access.Admin.String()},
	}, codes...)
	d.add(&openapi.Operation{
		Method: http.MethodPost, Path: path, ID: "create_link", Tags: []string{tagAdmin}, Summary: "Make a link to a view",
		Description: "Whoever has it sees that view, and nothing else, until it is over or revoked. `path` of the answer is the link, below the address of this server; `days` is 90 if absent, and at most `access.max-link-age`.",
		Body:        body("What it is for, what it shows, and for how many days.", openapi.Member[openapi.Media]{Name: "application/json", Value: openapi.Media{Schema: d.schemas.Struct(linkOrder{}, nil), Example: []byte(example)}}),
		Responses:   openapi.Map[openapi.Response]{{Name: "201", Value: openapi.Response{Description: "The new link.", Content: openapi.Map[openapi.Media]{inJSON(link)}}}},
		Security:    needs(access.Admin),
		Try:         openapi.Try{ContentType: "application/json", Body: example, Key: access.Admin.String(), Status: http.StatusCreated},
	}, append(append([]string{"invalid_json", "invalid_parameter", "too_many_links"}, codes...), bodyCodes...)...)
	d.add(&openapi.Operation{
		Method: http.MethodDelete, Path: path + "/{id}", ID: "revoke_link", Tags: []string{tagAdmin}, Summary: "Revoke a link",
		Description: "In force in every process within `access.refresh`, a second; again changes nothing.",
		Parameters:  []openapi.Parameter{{Name: "id", In: "path", Required: true, Description: "The link's id, which is no secret.", Schema: openapi.Text()}},
		Responses:   answers("The link, revoked.", inJSON(link)), Security: needs(access.Admin),
		Try: openapi.Try{Path: path + "/unknown", Key: access.Admin.String(), Status: http.StatusNotFound, Comment: "There is no link of that id."},
	}, append([]string{"not_found"}, codes...)...)
	d.describeShownLink()
}

func (d *description) describeShownLink() {
	d.add(&openapi.Operation{
		Method: http.MethodGet, Path: linkPath, ID: "link", Tags: []string{tagDashboard}, Summary: "What a link shows",
		Description: "The view, and whose it is, by the link's token.", Security: []openapi.Security{{"link": {}}},
		Responses: answers("The view.", inJSON(d.schemas.Of(shownView{}))),
		Try:       openapi.Try{Headers: [][2]string{{linkHeader, "none"}}, Status: http.StatusUnauthorized, Comment: "A link has the token behind its #."},
	}, "keys_unavailable", "link_invalid", "link_expired", "link_revoked")
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		notBuilt := openapi.Member[openapi.Response]{Name: "503", Value: openapi.Response{
			Description: "It was not built into this program; the page says how.", Content: openapi.Map[openapi.Media]{media("text/html", openapi.Text())}}}
		d.add(&openapi.Operation{
			Method: method, Path: embedPath, ID: "embed_" + method, Tags: []string{tagDashboard}, Summary: "The page of a link",
			Description: "Pages of `access.embed-origins` may show it in a frame.",
			Responses:   append(answers("The page.", media("text/html", openapi.Text())), unchanged, notBuilt),
		})
	}
}
