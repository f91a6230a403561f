package access

import (
	"net/http"
	"strings"
)

// FromRequest returns the key that a request presents, or "": the token of
// `Authorization: Bearer`, the user of `Authorization: Basic` (as Segment's
// clients send it, the password being ignored), else the header X-API-Key. A
// key in the URL is not looked for: URLs are logged everywhere.
func FromRequest(r *http.Request) string {
	scheme, credentials, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		return strings.TrimSpace(credentials)
	case strings.EqualFold(scheme, "Basic"):
		user, _, _ := r.BasicAuth()
		return user
	default:
		return r.Header.Get("X-API-Key")
	}
}
