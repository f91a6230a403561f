package main

import (
	"os"
	"strings"
	"testing"

	"ibarura/internal/web"
)

// TestAnAdminsDashboard walks what moves by itself and what changes something, on
// an instance of its own.
func TestAnAdminsDashboard(t *testing.T) {
	t.Parallel()
	if _, built := web.Page(); !built {
		return // TheDashboardShows says so
	}
	s := serve(t, t.TempDir())
	t.Run("IsLive", func(t *testing.T) { dashboardIsLive(t, s) })
}

func dashboardIsLive(t *testing.T, s *instance) {
	b := openDashboard(t, s, s.keys["read"])
	b.look(s, "#/live?type=login")
	b.waitFor("connected", "document.querySelector('.connection').innerText === 'Live'")
	s.mustPost("/api/v1/events", []byte(`[{"type":"login","user_id":"ada","user_role":"member"},{"type":"post_created","user_id":"bob","object_type":"post","object_id":"7"}]`))
	b.waitFor("the row is listed", "document.querySelectorAll('.feed tbody tr').length === 1 && document.querySelector('.feed tbody th').innerText === 'login'")
	b.waitFor("both are there", "document.querySelector('.stat b').dataset.value === '2'")
	if text := b.value("document.querySelector('main').innerText"); strings.Contains(text, "ada") || strings.Contains(text, "bob") {
		t.Errorf("the page says who it was: %q", text)
	}
	b.hide(true)
	b.waitFor("at rest", "document.querySelector('.connection.resting') !== null")
	s.mustPost("/api/v1/events", []byte(`[{"type":"login","user_id":"eve"}]`))
	b.hide(false)
	b.waitFor("what came meanwhile is listed once", "document.querySelectorAll('.feed tbody tr').length === 2")
	b.value("document.querySelector('.toolbar > button').click()")
	b.waitFor("stopped", "document.querySelector('.connection').innerText === 'Paused'")
	b.everyWay(s, "live", "#/live")
}

// hide makes the page believe that nobody looks at it, or that somebody does.
func (b *browser) hide(hidden bool) {
	b.t.Helper()
	b.value("Object.defineProperty(document, 'hidden', {configurable: true, value: " + map[bool]string{true: "true", false: "false"}[hidden] +
		"}) && document.dispatchEvent(new Event('visibilitychange'))")
}

// everyWay looks at a page in both shades and on a phone.
func (b *browser) everyWay(s *instance, name, address string) {
	b.t.Helper()
	checker, err := os.ReadFile(axe)
	if err != nil {
		b.t.Fatalf("axe is missing, make web fetches it: %v", err)
	}
	for _, view := range dashboardViews {
		b.shade(view.shade)
		b.size(view.width, 900)
		b.look(s, address)
		b.soundAs(name, view.name, checker)
	}
}
