package httpapi

import (
	"net/http"

	"ibarura/internal/access"
	"ibarura/internal/openapi"
)

// describeKeys documents what admins do with their project and its keys.
func (d *description) describeKeys() {
	key := d.schemas.Of(shownKey{})
	codes := append([]string{"cross_site", "storage_unavailable"}, keyCodes...)
	const example = `{"scope": "read", "label": "a dashboard"}`
	id := openapi.Parameter{Name: "id", In: "path", Required: true, Description: "The key's id, which is no secret.", Schema: openapi.Text()}
	d.add(&openapi.Operation{
		Method: http.MethodGet, Path: "/api/v1/admin/keys", ID: "keys", Tags: []string{tagAdmin}, Summary: "Keys of the project",
		Description: "The newest first: all that are good, and the last 1,000 revoked ones. The keys themselves are kept nowhere.",
		Responses:   answers("The keys.", inJSON(d.schemas.Of(shownKeys{}))), Security: needs(access.Admin), Try: openapi.Try{Key: access.Admin.String()},
	}, codes...)
	d.add(&openapi.Operation{
		Method: http.MethodPost, Path: "/api/v1/admin/keys", ID: "create_key", Tags: []string{tagAdmin}, Summary: "Make a key",
		Description: "`key` of the answer is the key itself, shown this once.",
		Body:        body("What it may do, and what it is for.", openapi.Member[openapi.Media]{Name: "application/json", Value: openapi.Media{Schema: d.schemas.Struct(keyOrder{}, nil), Example: []byte(example)}}),
		Responses:   openapi.Map[openapi.Response]{{Name: "201", Value: openapi.Response{Description: "The new key.", Content: openapi.Map[openapi.Media]{inJSON(key)}}}},
		Security:    needs(access.Admin),
		Try:         openapi.Try{ContentType: "application/json", Body: example, Key: access.Admin.String(), Status: http.StatusCreated},
	}, append(append([]string{"invalid_json", "invalid_parameter", "too_many_keys"}, codes...), bodyCodes...)...)
	d.add(&openapi.Operation{
		Method: http.MethodDelete, Path: "/api/v1/admin/keys/{id}", ID: "revoke_key", Tags: []string{tagAdmin}, Summary: "Revoke a key",
		Description: "In force in every process within `access.refresh`, a second; again changes nothing.",
		Parameters:  []openapi.Parameter{id, {Name: "own", In: "query", Description: "true: also if the request comes with that very key.", Schema: openapi.Text("true")}},
		Responses:   answers("The key, revoked.", inJSON(key)), Security: needs(access.Admin),
		Try: openapi.Try{Path: "/api/v1/admin/keys/unknown", Key: access.Admin.String(), Status: http.StatusNotFound, Comment: "There is no key of that id."},
	}, append([]string{"not_found", "own_key"}, codes...)...)
	d.add(&openapi.Operation{
		Method: http.MethodGet, Path: "/api/v1/admin/project", ID: "project", Tags: []string{tagAdmin}, Summary: "The project",
		Description: "Its time zones, the origins whose pages may post, and for how many days rows are kept at least; 0: for ever.",
		Responses:   answers("The project.", inJSON(d.schemas.Of(shownProject{}))), Security: needs(access.Admin), Try: openapi.Try{Key: access.Admin.String()},
	}, codes...)
}
