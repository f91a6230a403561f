package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What people do on a site in a real browser is what ClickHouse has
// afterwards, each thing once.
func TestABrowsersPageViewsAndEventsArriveOnce(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	site := openWebsite(t)
	allow(t, s, "default", site.URL)
	b := openBrowser(t)
	t.Run("ViewsNavigationAndEvents", func(t *testing.T) { browseAround(t, s, site, b) })
	t.Run("LeavingTellsTheDuration", func(t *testing.T) { leavePages(t, s, site, b) })
	t.Run("NothingIsSentAgainstAVisitorsWish", func(t *testing.T) { wishNotToBeTracked(t, s, site, b) })
	t.Run("APageWhoseOriginIsNotListedIsRefused", func(t *testing.T) { postFromElsewhere(t, s, site, b) })
	t.Run("AVisitorIsKnownOverARestartAndNotWithoutTheSalt", func(t *testing.T) { changeTheSalt(t, s, site, b) })
}

func allow(t *testing.T, s *instance, project, origin string) {
	t.Helper()
	if out := ibarura(t, "keys", "project", "origins", project, "--add", origin, "--data-dir", s.dir); strings.TrimSpace(out) != origin {
		t.Fatalf("origins: %s", out)
	}
}

// show has the site carry the tracker with this key and these attributes, after
// it has run a script.
func (w *website) show(s *instance, key, attributes, early string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.api, w.tag, w.early = s.base, fmt.Sprintf(`data-key="%s" %s`, key, attributes), early
}

func browseAround(t *testing.T, s *instance, site *website, b *browser) {
	p := createProject(t, s, "around", "Africa/Kigali")
	allow(t, s, p.name, site.URL)
	site.show(s, p.write, "", `ibarura('event', 'called_early')`)
	b.visit(site.URL + "/start?utm_source=news")
	b.value(`history.replaceState({ scrolled: 1 }, '')`) // no other page
	b.value(`(history.pushState({}, '', '/second#top'), document.title = 'Second')`)
	b.value(`location.hash = 'below'`) // no other page either
	b.value(`ibarura('event', 'button_pressed', { object_type: 'post', object_id: '7', properties: { color: 'red', n: 2 } })`)
	b.value(`ibarura('nonsense')`)
	b.value(`(ibarura('identify', 'ada', 'member'), ibarura('event', 'known_from_here'))`)
	rows := s.stored(t, p.name, 5)
	first, second := rows["page /start"], rows["page /second"]
	if first.Title != "Title of /start" || first.UTM != "news" || first.Referrer != "" || first.Bot || first.Device != "desktop" {
		t.Errorf("the first page view: %+v", first)
	}
	if second.Title != "Second" || second.Referrer != site.URL+"/start?utm_source=news" {
		t.Errorf("the second one: %+v", second)
	}
	if len(first.Visitor) != 32 || second.Visitor != first.Visitor || rows["event called_early"].Visitor != first.Visitor {
		t.Errorf("one visitor has several ids: %+v", rows)
	}
	if pressed := rows["event button_pressed"]; pressed.Object != "post:7" || pressed.Properties["color"] != "red" || pressed.Properties["n"] != "2" {
		t.Errorf("the event: %+v", pressed)
	}
	if known := rows["event known_from_here"]; known.User != "ada" || known.Role != "member" || known.Visitor != "" {
		t.Errorf("the event after identify: %+v", known)
	}
	for name, r := range rows {
		if r.Session == "" || r.Session != first.Session {
			t.Errorf("%s is in another session: %+v", name, r)
		}
	}
	if kept := b.value(`[document.cookie, localStorage.length, sessionStorage.length, errors]`); kept != ",0,0," {
		t.Errorf("cookies, storage and errors in the page: %s", kept)
	}
}

func leavePages(t *testing.T, s *instance, site *website, b *browser) {
	p := createProject(t, s, "leaving", "UTC")
	allow(t, s, p.name, site.URL)
	site.show(s, p.write, `data-duration data-session="tab" data-user="ben" data-role="admin"`, "")
	b.visit(site.URL + "/long")
	kept := b.value(`sessionStorage.getItem('ibarura')`)
	time.Sleep(300 * time.Millisecond)
	b.value(`history.pushState({}, '', '/short')`)
	b.visit("about:blank")
	rows := s.stored(t, p.name, 2)
	for _, name := range []string{"page /long", "page /short"} {
		if r := rows[name]; r.User != "ben" || r.Role != "admin" || r.Session == "" || !strings.HasPrefix(kept, r.Session+" ") {
			t.Errorf("%s: %+v, kept in the tab: %s", name, r, kept)
		}
	}
	if long, short := rows["page /long"], rows["page /short"]; long.Duration < 300 || short.Duration >= long.Duration || long.Title != "Title of /long" {
		t.Errorf("%+v, %+v", long, short)
	}
}

func wishNotToBeTracked(t *testing.T, s *instance, site *website, b *browser) {
	p := createProject(t, s, "quiet", "UTC")
	allow(t, s, p.name, site.URL)
	const wish = "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })"
	site.show(s, p.write, `data-dnt="respect"`, wish)
	b.visit(site.URL + "/wished")
	b.value(`ibarura('event', 'wished')`)
	site.show(s, p.write, `data-dnt="respect"`, "")
	b.visit(site.URL + "/no-wish")
	site.show(s, p.write, "", wish)
	b.visit(site.URL + "/not-heard")
	rows := s.stored(t, p.name, 2)
	if rows["page /no-wish"].What == "" || rows["page /not-heard"].What == "" {
		t.Errorf("%+v", rows)
	}
}

func postFromElsewhere(t *testing.T, s *instance, site *website, b *browser) {
	p := createProject(t, s, "elsewhere", "UTC") // allows no origin
	site.show(s, p.write, "", "")
	refused := func() float64 { return s.get("/metrics", nil).number("ibarura_http_origins_refused_total") }
	before := refused()
	b.visit(site.URL + "/uninvited")
	waitFor(t, "the page is refused", func() bool { return refused() > before })
	if errors := b.value(`errors`); errors != "" {
		t.Errorf("the page notices: %s", errors)
	}
	s.stored(t, p.name, 0)
}

// changeTheSalt restarts the service twice: the second time the salts are gone,
// as they are after the end of the day.
func changeTheSalt(t *testing.T, s *instance, site *website, b *browser) {
	visits := 0
	visitor := func(s *instance) string {
		visits++
		name := fmt.Sprintf("visit_%d", visits)
		site.show(s, s.keys["write"], `data-auto="false"`, fmt.Sprintf(`ibarura('event', '%s')`, name))
		b.visit(site.URL + "/salted")
		return s.stored(t, "default", visits)["event "+name].Visitor
	}
	first := visitor(s)
	again := restart(t, s)
	second := visitor(again)
	if err := again.asWriter(t).Exec(t.Context(), "TRUNCATE TABLE visitor_salts"); err != nil {
		t.Fatal(err)
	}
	third := visitor(restart(t, again))
	if len(first) != 32 || second != first || third == first || len(third) != 32 {
		t.Errorf("at first %s, after a restart %s, without the salt %s", first, second, third)
	}
}

func restart(t *testing.T, s *instance) *instance {
	t.Helper()
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	return serve(t, s.dir)
}
