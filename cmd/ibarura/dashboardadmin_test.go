package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ibarura/internal/web"
)

// TestAnAdminsDashboard walks what moves by itself and what changes something, on
// an instance of its own.
func TestAnAdminsDashboard(t *testing.T) {
	t.Parallel()
	if _, built := web.Page(); !built {
		return // TheDashboardShows says so
	}
	intranet := openFraming(t)
	s := serve(t, t.TempDir(), "--access.embed-origins", intranet.origin)
	t.Run("IsLive", func(t *testing.T) { dashboardIsLive(t, s) })
	t.Run("Erases", func(t *testing.T) { dashboardErases(t, s) })
	t.Run("KeepsKeys", func(t *testing.T) { dashboardKeepsKeys(t, s) })
	t.Run("IsEmbedded", func(t *testing.T) { dashboardIsEmbedded(t, s, intranet) })
}

// dashboardErases orders an erasure as an admin does; that it erases is tested
// where it is made.
func dashboardErases(t *testing.T, s *instance) {
	s.mustPost("/api/v1/events?wait=true", []byte(`[{"type":"login","user_id":"ada-7"}]`))
	const button = "document.querySelector('main > button.danger')"
	reads := openDashboard(t, s, s.keys["read"])
	reads.look(s, "#/person?range=7d&user_id=ada-7")
	if reads.value(button) != "null" {
		t.Error("who may only read is offered to erase")
	}
	b := openDashboard(t, s, s.keys["admin"])
	b.look(s, "#/person?range=7d&user_id=ada-7")
	b.value(button + ".click()")
	if err := chromedp.Do(b.tab, chromedp.WaitVisible("dialog[open] input"), chromedp.SendKeys("dialog input", "ada")); err != nil {
		t.Fatal(err)
	}
	const confirm = "document.querySelector('dialog button[type=submit]')"
	if b.value(confirm+".disabled") != "true" {
		t.Error("half an id is enough")
	}
	b.picture("erase-light")
	if err := chromedp.Do(b.tab, chromedp.SendKeys("dialog input", "-7")); err != nil {
		t.Fatal(err)
	}
	b.waitFor("the id is typed", confirm+".disabled === false")
	b.value(confirm + ".click()")
	b.waitFor("the receipt is shown", "document.querySelector('.receipt [data-state]') !== null")
	var list struct{ Erasures []struct{ Erasure string } }
	if err := json.Unmarshal(s.getAs(s.keys["admin"], "/api/v1/admin/erasures", nil).body, &list); err != nil || len(list.Erasures) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if text := b.value("document.querySelector('.receipt').innerText"); !strings.Contains(text, list.Erasures[0].Erasure) || strings.Contains(text, "ada-7") {
		t.Errorf("the receipt is %q", text)
	}
	b.everyWay(s, "erasure", "#/person?range=7d&user_id=ada-7&erasure="+list.Erasures[0].Erasure)
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

// dashboardKeepsKeys makes a key, uses it, and revokes it.
func dashboardKeepsKeys(t *testing.T, s *instance) {
	reads := openDashboard(t, s, s.keys["read"])
	if reads.look(s, "#/keys"); reads.value("document.querySelector('table, form')") != "null" {
		t.Error("who may only read sees keys")
	}
	b := openDashboard(t, s, s.keys["admin"])
	b.look(s, "#/keys")
	if err := chromedp.Do(b.tab, chromedp.WaitVisible(".panel form input"), chromedp.SendKeys(".panel form input", "the site"), chromedp.Click(".panel form button[type=submit]"),
		chromedp.WaitVisible(".secret code")); err != nil {
		t.Fatal(err)
	}
	key := b.value("document.querySelector('.secret code').innerText")
	const row = "[...document.querySelectorAll('.keys tbody tr')].find((tr) => tr.innerText.includes('the site'))"
	b.waitFor("it is listed", row+" !== undefined")
	if r := s.post("/api/v1/events", key, "application/json", []byte(`{"type":"login","user_id":"eve"}`)); r.status != 200 {
		t.Errorf("the new key: %d %s", r.status, r.body)
	}
	b.value(row + ".querySelector('button.danger').click()")
	b.value(row + ".querySelector('dialog .danger').click()")
	b.waitFor("it is revoked", row+".innerText.includes('Revoked')")
	waitFor(t, "the revoked key is refused", func() bool {
		return s.post("/api/v1/events", key, "application/json", []byte(`{"type":"login","user_id":"eve"}`)).status == 401
	})
	b.everyWay(s, "keys", "#/keys")
}
