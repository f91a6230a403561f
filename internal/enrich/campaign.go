package enrich

import (
	"net/url"
	"strings"

	"ibarura/internal/event"
)

// setCampaign fills in the UTM fields from a query. The first of repeated
// parameters counts. Values keep their case: campaigns are named by people.
func setCampaign(query string, out *event.Visit) {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if len(pair) < len("utm_x=") || !strings.EqualFold(pair[:4], "utm_") {
			continue
		}
		name, value, _ := strings.Cut(pair[4:], "=")
		if field := campaignField(name, out); field != nil && *field == "" {
			*field = queryText(value)
		}
	}
}

func campaignField(name string, out *event.Visit) *string {
	switch strings.ToLower(name) {
	case "source":
		return &out.UTMSource
	case "medium":
		return &out.UTMMedium
	case "campaign":
		return &out.UTMCampaign
	case "term":
		return &out.UTMTerm
	case "content":
		return &out.UTMContent
	default:
		return nil
	}
}

// queryText undoes the escapes of a query's value and drops what a text column
// cannot hold. A value with a broken escape stays as it was written.
func queryText(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	text, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	return strings.TrimSpace(strings.ReplaceAll(text, "\x00", "\uFFFD"))
}
