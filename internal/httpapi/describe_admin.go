package httpapi

import (
	"net/http"

	"ibarura/internal/access"
	"ibarura/internal/erasure"
	"ibarura/internal/openapi"
)

const tagAdmin = "Administration"

// describeAdmin documents what needs an admin key.
func (d *description) describeAdmin() {
	receipt := d.schemas.Of(erasure.Receipt{})
	order := d.schemas.Struct(eraseBody{}, nil)
	order.Required = nil
	const example = `{"user": "nobody-of-that-name"}`
	codes := append([]string{"cross_site", "storage_unavailable"}, keyCodes...)
	d.add(&openapi.Operation{
		Method: http.MethodPost, Path: "/api/v1/admin/erase", ID: "erase", Tags: []string{tagAdmin}, Summary: "Order an erasure",
		Description: "Everything that names a person goes: raw rows, aggregates, the journal. The receipt says how far it is; docs/erasure.md.",
		Body:        body("Who is to be erased.", openapi.Member[openapi.Media]{Name: "application/json", Value: openapi.Media{Schema: order, Example: []byte(example)}}),
		Responses: openapi.Map[openapi.Response]{
			{Name: "200", Value: openapi.Response{Description: "It is finished.", Content: openapi.Map[openapi.Media]{inJSON(receipt)}}},
			{Name: "202", Value: openapi.Response{Description: "It is under way; `Location` is where its receipt is.", Content: openapi.Map[openapi.Media]{inJSON(receipt)}}},
		},
		Security: needs(access.Admin),
		Try:      openapi.Try{ContentType: "application/json", Body: example, Key: access.Admin.String(), Status: http.StatusAccepted},
	}, append(append([]string{"invalid_json", "invalid", "busy"}, codes...), bodyCodes...)...)
	d.add(&openapi.Operation{
		Method: http.MethodGet, Path: "/api/v1/admin/erasures", ID: "erasures", Tags: []string{tagAdmin}, Summary: "Receipts of erasures",
		Description: "Those of the key's project, the newest first, without subjects.",
		Parameters: []openapi.Parameter{{Name: "limit", In: "query", Description: "Receipts at most.",
			Schema: withDefault(openapi.Integer(1, maxReceipts), defaultReceipts)}},
		Responses: answers("The receipts.", inJSON(d.schemas.Of(erasures{}))), Security: needs(access.Admin), Try: openapi.Try{Key: access.Admin.String()},
	}, append([]string{"out_of_range"}, codes...)...)
	d.add(&openapi.Operation{
		Method: http.MethodGet, Path: "/api/v1/admin/erasures/{id}", ID: "erasure", Tags: []string{tagAdmin}, Summary: "A receipt",
		Description: "How far an erasure is.",
		Parameters:  []openapi.Parameter{{Name: "id", In: "path", Required: true, Description: "What `erasure` of the receipt says.", Schema: openapi.Text()}},
		Responses:   answers("The receipt.", inJSON(receipt)), Security: needs(access.Admin),
		Try: openapi.Try{Path: "/api/v1/admin/erasures/unknown", Key: access.Admin.String(), Status: http.StatusNotFound, Comment: "There is no erasure of that id."},
	}, append([]string{"not_found"}, codes...)...)
}
