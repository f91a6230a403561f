package httpapi_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"ibarura/internal/web"
)

func TestThePageAllowsNothingButItsOwnFiles(t *testing.T) {
	f := newFixture(t)
	a := f.do(t, http.MethodGet, "/", "", nil)
	policy := a.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("%s is not in %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("the policy is not strict: %s", policy)
	}
	if got := a.header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("Cache-Control: %s", got)
	}
}

func TestWithoutTheDashboardThePageSaysWhatToRun(t *testing.T) {
	a := newFixture(t).do(t, http.MethodGet, "/", "", nil)
	if _, built := web.Page(); built {
		if a.status != http.StatusOK || strings.Contains(a.body, web.NotBuilt) {
			t.Errorf("it was built: %d %s", a.status, a.body)
		}
		return
	}
	if a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "make web") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestFilesOfThePageAreKeptForEverAndOthersAreNotThere(t *testing.T) {
	f := newFixture(t)
	if a := f.do(t, http.MethodGet, "/assets/none.js", "", nil); a.status != 404 || a.Code != "not_found" {
		t.Errorf("%d %s", a.status, a.body)
	}
	page := f.do(t, http.MethodGet, "/", "", nil)
	for _, name := range regexp.MustCompile(`assets/[^"]+`).FindAllString(page.body, -1) {
		a := f.do(t, http.MethodGet, "/"+name, "", nil, "Accept-Encoding", "gzip")
		if a.status != 200 || !strings.Contains(a.header.Get("Cache-Control"), "immutable") || a.header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: %d %v", name, a.status, a.header)
		}
		if again := f.do(t, http.MethodGet, "/"+name, "", nil, "Accept-Encoding", "gzip", "If-None-Match", a.header.Get("ETag")); again.status != 304 {
			t.Errorf("%s again: %d", name, again.status)
		}
	}
}
