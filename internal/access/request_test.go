package access

import (
	"net/http"
	"testing"
)

func TestKeyIsFoundWhereClientsPutIt(t *testing.T) {
	for _, tc := range []struct{ name, authorization, apiKey, want string }{
		{"bearer", "Bearer ibw_1", "", "ibw_1"},
		{"scheme in any case", "bearer  ibw_1 ", "", "ibw_1"},
		{"basic user, no password", "Basic aWJ3XzE6", "", "ibw_1"},
		{"basic user, password ignored", "basic aWJ3XzE6cGFzcw==", "", "ibw_1"},
		{"header", "", "ibw_1", "ibw_1"},
		{"authorization first", "Bearer ibw_1", "ibw_2", "ibw_1"},
		{"another scheme", "Digest x", "ibw_2", "ibw_2"},
		{"damaged basic", "Basic ???", "", ""},
		{"empty bearer", "Bearer ", "", ""},
		{"scheme alone", "Bearer", "", ""},
		{"nothing", "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &http.Request{Header: http.Header{}}
			if tc.authorization != "" {
				r.Header.Set("Authorization", tc.authorization)
			}
			if tc.apiKey != "" {
				r.Header.Set("X-API-Key", tc.apiKey)
			}
			if got := FromRequest(r); got != tc.want {
				t.Errorf("key is %q, want %q", got, tc.want)
			}
		})
	}
}
