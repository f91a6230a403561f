package httpapi_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/clickhouse"
	"ibarura/internal/erasure"
)

// orders remembers what was ordered last.
type orders struct {
	last erasure.Request
	err  error
}

func (o *orders) Place(_ context.Context, r erasure.Request) (erasure.Receipt, error) {
	o.last = r
	return erasure.Receipt{Erasure: "e1", Project: r.Project, State: clickhouse.ErasureOrdered}, o.err
}

func (o *orders) Receipts(_ context.Context, project string, most int) ([]erasure.Receipt, error) {
	return make([]erasure.Receipt, min(most, 3)), o.err
}

func (o *orders) Receipt(_ context.Context, project, id string) (erasure.Receipt, bool, error) {
	return erasure.Receipt{Erasure: id, Project: project}, id == "e1", o.err
}

func TestAnErasureIsOrderedByAnAdminForTheProjectOfTheKey(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		key, body string
		status    int
		code      string
		want      erasure.Request
	}{
		{"admin", `{"user":"zoe"}`, 202, "", erasure.Request{Project: "p", Users: []string{"zoe"}}},
		{"admin", `{"user":"zoe","anonymous":"a1","linked":true,"block":true,"project":"p"}`, 202, "",
			erasure.Request{Project: "p", Users: []string{"zoe"}, Anonymous: []string{"a1"}, Linked: true, Block: true}},
		{"admin", `{"user":"zoe","project":"q"}`, 403, "forbidden", erasure.Request{}},
		{"admin", `{"users":"zoe"}`, 400, "invalid_json", erasure.Request{}},
		{"admin", `{"user":7}`, 400, "invalid_json", erasure.Request{}},
		{"admin", `{"user":"` + strings.Repeat("x", 64<<10) + `"}`, 413, "body_too_large", erasure.Request{}},
		{"read", `{"user":"zoe"}`, 403, "forbidden", erasure.Request{}},
		{"write", `{"user":"zoe"}`, 403, "forbidden", erasure.Request{}},
		{"", `{"user":"zoe"}`, 401, "unauthorized", erasure.Request{}},
	} {
		f.orders.last = erasure.Request{}
		a := f.do(t, http.MethodPost, "/api/v1/admin/erase", c.key, strings.NewReader(c.body))
		if a.status != c.status || a.Code != c.code || strings.Contains(a.Detail, "zoe") {
			t.Errorf("%s %.60s: %d %s", c.key, c.body, a.status, a.body)
		}
		if diff := cmp.Diff(c.want, f.orders.last); diff != "" {
			t.Errorf("%s %.60s (-want +ordered):\n%s", c.key, c.body, diff)
		}
		if location := a.header.Get("Location"); (location == "/api/v1/admin/erasures/e1") != (c.status == 202) {
			t.Errorf("%.60s: location %q", c.body, location)
		}
	}
	for _, entry := range f.logs.All() {
		for _, field := range entry.Context { // one is a random id in hexadecimal, which can say ada and cannot say zoe
			if strings.Contains(field.String, "zoe") {
				t.Errorf("the log names the person: %v", entry)
			}
		}
	}
}

func TestAnOrderThatCannotBePlacedSaysWhy(t *testing.T) {
	f := newFixture(t)
	for err, want := range map[error]int{erasure.ErrInvalid: 400, erasure.ErrTooManyOpen: 503} {
		f.orders.err = err
		if a := f.do(t, http.MethodPost, "/api/v1/admin/erase/", "admin", strings.NewReader(`{}`)); a.status != want || (a.header.Get("Retry-After") != "") != (want == 503) {
			t.Errorf("%v: %d %s", err, a.status, a.body)
		}
	}
}

func TestReceiptsAreListedToAdmins(t *testing.T) {
	f := newFixture(t)
	for path, want := range map[string]int{
		"erasures": 200, "erasures/?limit=2": 200, "erasures?limit=0": 400, "erasures?limit=1001": 400, "erasures?limit=x": 400, "erasures/e1": 200, "erasures/e2": 404,
	} {
		if a := f.do(t, http.MethodGet, "/api/v1/admin/"+path, "admin", nil); a.status != want {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
		if a := f.do(t, http.MethodGet, "/api/v1/admin/"+path, "read", nil); a.status != 403 {
			t.Errorf("%s is shown to a reader: %d", path, a.status)
		}
	}
}
