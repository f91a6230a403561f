package main

import (
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"ibarura/internal/web"
)

var pictures = flag.String("pictures", "", "folder to write screenshots of the dashboard to")

// axe is the checker of accessibility, which `make web` fetches.
const axe = "../../dashboards/web/node_modules/axe-core/axe.min.js"

// dashboardPages are all pages, with what makes them show something of the real files.
var dashboardPages = []struct{ name, address string }{
	{"overview", "#/overview?from=2013-01-01&to=2015-01-01"},
	{"users", "#/users?from=2013-01-01&to=2014-01-01"},
	{"content", "#/content?from=2013-01-01&to=2014-01-01&tag=docs"},
	{"post", "#/post?from=2010-12-01&to=2011-02-01&object_id=650111dc8c08"},
	{"events", "#/events?from=2013-01-01&to=2015-01-01&by=role"},
	{"pages", "#/pages?from=2015-05-11&to=2015-05-25"},
	{"attendance", "#/attendance?range=5y&role=member"},
	{"messaging", "#/messaging"},
	{"funnel", "#/funnel?from=2013-01-01&to=2015-01-01&steps=user_signup,post_created,comment_added&window=366d"},
	{"person", "#/person?from=2010-12-01&to=2011-02-01&user_id=79368723b8d1"},
	{"health", "#/health"},
	{"nowhere", "#/nowhere"},
}

// dashboardShows walks the dashboard in a real browser, over the real files.
func dashboardShows(t *testing.T, s *instance) {
	if _, built := web.Page(); !built {
		b := openBrowser(t)
		b.visit(s.base)
		if text := b.value("document.body.innerText"); !strings.Contains(text, "make web") {
			t.Errorf("without the dashboard the page says %q", text)
		}
		return
	}
	t.Run("WhatTheAPIAnswers", func(t *testing.T) { dashboardNumbers(t, s) })
	t.Run("ToEverybodyOnEveryPage", func(t *testing.T) { dashboardPagesAreSound(t, s) })
	t.Run("ToWhoIsSignedInOnly", func(t *testing.T) { dashboardSessions(t, s) })
	t.Run("ViewsToWhoHasALink", func(t *testing.T) { dashboardIsShared(t, s) })
	t.Run("WhatToDoWhereThereIsNothing", func(t *testing.T) { dashboardStates(t, s) })
}

// openDashboard signs a browser in; what it complains about is an error.
func openDashboard(t *testing.T, s *instance, key string) *browser {
	t.Helper()
	b := openBrowser(t)
	b.complains(t)
	b.visit(s.base)
	b.signIn(key)
	return b
}

// complains watches the console: exceptions, failed requests and violations of
// the content security policy all come there.
func (b *browser) complains(t *testing.T) {
	messages := chromedp.Console(b.tab)
	var done sync.WaitGroup
	done.Go(func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == "error" || m.Type == "warning" {
				t.Errorf("the browser complains: %s (%s)", m, m.URL)
			}
		}
	})
	t.Cleanup(done.Wait) // runs before the browser ends: its context has to end first
	t.Cleanup(func() { _ = chromedp.Cancel(b.tab) })
}

func (b *browser) signIn(key string) {
	b.t.Helper()
	if err := chromedp.Do(b.tab, chromedp.WaitVisible("input[name=key]"), chromedp.SendKeys("input[name=key]", key),
		chromedp.Click("form button[type=submit]")); err != nil {
		b.t.Fatalf("sign in: %v", err)
	}
	b.waitFor("signed in", "document.querySelector('nav') !== null")
}

// waitFor waits until an expression is true in the page.
func (b *browser) waitFor(what, script string) {
	b.t.Helper()
	waitFor(b.t, what, func() bool { return b.value(script) == "true" })
}

// look goes to a page of the dashboard and waits until it shows what it asked for.
func (b *browser) look(s *instance, address string) {
	b.t.Helper()
	b.visit("about:blank") // so that it loads anew, and not only its part behind the #
	b.visit(s.base + "/" + address)
	b.settled(address)
}

func (b *browser) settled(address string) {
	b.t.Helper()
	b.waitFor(address+" is there", "document.querySelector('main h1') !== null && document.querySelector('[aria-busy=true], .skeleton') === null")
}

// shade makes the browser prefer light or dark.
func (b *browser) shade(name string) {
	b.t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}}
	if _, err := chromedp.Call(b.tab, emulation.SetEmulatedMedia, media); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) size(width, height int64) {
	b.t.Helper()
	if err := chromedp.Do(b.tab, chromedp.EmulateViewport(width, height)); err != nil {
		b.t.Fatal(err)
	}
}

// picture writes what the page looks like, if somebody wants to see it.
func (b *browser) picture(name string) {
	b.t.Helper()
	if *pictures == "" {
		return
	}
	time.Sleep(300 * time.Millisecond) // what fades in has done so
	png, err := chromedp.Run(b.tab, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(*pictures, 0o750)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(*pictures, name+".png"), png, 0o600)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// dashboardViews are the ways in which every page is looked at.
var dashboardViews = []struct {
	name, shade string
	width       int64
}{{"light", "light", 1380}, {"dark", "dark", 1380}, {"phone", "light", 390}}

// soundAs checks the page that is shown, and takes its picture.
func (b *browser) soundAs(page, view string, checker []byte) {
	b.t.Helper()
	b.sound(page, view, checker)
	b.picture(page + "-" + view)
}

// sound checks the page that is shown.
func (b *browser) sound(page, view string, checker []byte) {
	b.t.Helper()
	if view != "phone" || page == "overview" { // the same elements, in the same colours
		b.isAccessible(page, checker)
	}
	if wide := b.value("document.documentElement.scrollWidth - innerWidth"); wide != "0" {
		b.t.Errorf("%s is %s pixels wider than the window", page, wide)
	}
}

// dashboardPagesAreSound looks at every page in both shades and on a phone.
func dashboardPagesAreSound(t *testing.T, s *instance) {
	checker, err := os.ReadFile(axe)
	if err != nil {
		t.Fatalf("axe is missing, make web fetches it: %v", err)
	}
	for _, view := range dashboardViews {
		t.Run(view.name, func(t *testing.T) {
			b := openDashboard(t, s, s.keys["read"])
			b.shade(view.shade)
			b.size(view.width, 900)
			for _, page := range dashboardPages {
				b.look(s, page.address)
				b.soundAs(page.name, view.name, checker)
			}
			b.visit(s.base + "/docs")
			b.sound("docs", view.name, checker) // too tall for a picture
		})
	}
}

// isAccessible has axe look for what shuts people out.
func (b *browser) isAccessible(page string, checker []byte) {
	b.t.Helper()
	if _, err := chromedp.Run(b.tab, chromedp.Evaluate[any](string(checker)+";null")); err != nil {
		b.t.Fatal(err)
	}
	found, err := chromedp.Run(b.tab, chromedp.Evaluate[[]string](`axe.run().then(({violations}) => violations
		.filter(({impact}) => impact === 'serious' || impact === 'critical')
		.flatMap(({id, nodes}) => nodes.map(({html, failureSummary}) => id + ': ' + html.slice(0, 160) + ' ' + failureSummary)))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, violation := range found {
		b.t.Errorf("%s: %s", page, violation)
	}
}

// dashboardSessions signs in and out, and has a key revoked meanwhile.
func dashboardSessions(t *testing.T, s *instance) {
	key := strings.TrimSpace(ibarura(t, "keys", "create", "--data-dir", s.dir, "--scope", "read", "--label", "for one session"))
	b := openBrowser(t)
	b.visit(s.base + "/#/users?range=7d")
	if err := chromedp.Do(b.tab, chromedp.WaitVisible("input[name=key]"), chromedp.SendKeys("input[name=key]", s.keys["write"]),
		chromedp.Click("form button[type=submit]"), chromedp.WaitVisible("[role=alert]")); err != nil {
		t.Fatal(err)
	}
	if text := b.value("document.querySelector('[role=alert]').innerText"); !strings.Contains(text, "write key") {
		t.Errorf("a write key: %q", text)
	}
	b.visit(s.base + "/?#/users?range=7d")
	b.signIn(key)
	b.settled("users")
	if cookie := b.sessionCookie(); cookie == nil || !cookie.HTTPOnly || cookie.SameSite != network.CookieSameSiteStrict {
		t.Errorf("the cookie is %+v", cookie)
	}
	for _, place := range []string{"document.cookie", "JSON.stringify(localStorage)", "document.documentElement.outerHTML"} {
		if text := b.value(place); strings.Contains(text, key) || strings.Contains(text, "ibarura_session") {
			t.Errorf("%s has the key or the session", place)
		}
	}
	var who struct {
		ID string `json:"key_id"`
	}
	if err := json.Unmarshal(s.getAs(key, "/api/v1/session", nil).body, &who); err != nil {
		t.Fatal(err)
	}
	ibarura(t, "keys", "revoke", who.ID, "--data-dir", s.dir)
	b.visit(s.base + "/?again#/users?range=30d")
	b.waitFor("a revoked key's session is over", "document.querySelector('input[name=key]') !== null")
	b.signIn(s.keys["read"])
	if err := chromedp.Do(b.tab, chromedp.Click(".foot > button")); err != nil {
		t.Fatal(err)
	}
	b.waitFor("signed out", "document.querySelector('input[name=key]') !== null")
	if cookie := b.sessionCookie(); cookie != nil {
		t.Errorf("after signing out there is %+v", cookie)
	}
}

// sessionCookie is what the browser sends for its session; nil: nothing.
func (b *browser) sessionCookie() *network.Cookie {
	b.t.Helper()
	got, err := chromedp.Call(b.tab, network.GetCookies, network.GetCookiesParams{})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, cookie := range got.Cookies {
		if cookie.Name == "ibarura_session" {
			return cookie
		}
	}
	return nil
}

// dashboardStates looks at what a panel says that has nothing to show.
func dashboardStates(t *testing.T, s *instance) {
	b := openBrowser(t)
	b.visit(s.base)
	b.signIn(s.keys["read"])
	b.look(s, "#/events?from=2001-01-01&to=2001-02-01&role=nobody")
	if text := b.value("document.querySelector('.state').innerText"); !strings.Contains(text, "Nothing happened") || !strings.Contains(text, "Clear filters") {
		t.Errorf("an empty panel says %q", text)
	}
	if left := b.value(`(() => {
		const menu = document.querySelector('details.menu');
		menu.open = true;
		menu.querySelector('summary').focus();
		document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}));
		return menu.open;
	})()`); left != "false" {
		t.Error("Escape leaves a menu open")
	}
	b.look(s, "#/events?range=7d&type=login")
	if text := b.value("document.querySelector('.stats + .remarks').innerText"); !strings.Contains(text, "Does not apply here: Event type") {
		t.Errorf("numbers that a filter does not narrow down say %q", text)
	}
	b.look(s, "#/events?timezone=Nowhere/Land&range=7d")
	if text := b.value("document.querySelector('[role=alert]').innerText"); !strings.Contains(text, "Nowhere/Land") || !strings.Contains(text, "Try again") {
		t.Errorf("a refused question says %q", text)
	}
	for language, want := range map[string]string{"fr": "Utilisateurs actifs", "rw": "Abakoresha"} {
		b.value("localStorage.setItem('ibarura.language', '" + language + "')")
		b.look(s, "#/overview?range=7d")
		if text := b.value("document.body.innerText"); !strings.Contains(text, want) || b.value("document.documentElement.lang") != language {
			t.Errorf("%s: %q is not in %q", language, want, text)
		}
	}
}

// shownTable is a panel as the page has it: its rows by the keys of its columns,
// and the addresses that its exports lead to.
type shownTable struct {
	Address string // of JSON
	CSV     string
	Rows    []map[string]string
}

// tableOf reads a panel's table.
func (b *browser) tableOf(panel string) shownTable {
	b.t.Helper()
	script := `(() => {
		const panel = [...document.querySelectorAll('.panel')].find((p) => p.querySelector('h2').textContent === ` + quoted(panel) + `);
		const keys = [...panel.querySelectorAll('thead th')].map((th) => th.dataset.key);
		const rows = [...panel.querySelectorAll('tbody tr')].map((tr) => Object.fromEntries([...tr.children].map((cell, i) => [keys[i], cell.dataset.value])));
		const address = (format) => panel.querySelector('.menu a[data-format=' + format + ']').getAttribute('href');
		return JSON.stringify({Address: address('json'), CSV: address('csv'), Rows: rows});
	})()`
	var shown shownTable
	if err := json.Unmarshal([]byte(b.value(script)), &shown); err != nil {
		b.t.Fatalf("%s: %v", panel, err)
	}
	return shown
}

func quoted(text string) string {
	js, _ := json.Marshal(text) // a string always can be
	return string(js)
}

// asksOf splits the address that a panel exports into path and query.
func asksOf(t *testing.T, address string) (string, url.Values) {
	t.Helper()
	u, err := url.Parse("/" + address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Path, u.Query()
}
