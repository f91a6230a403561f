package main

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// framing is a page of another site that shows a link in a frame: of localhost,
// which to a browser is a stranger to the address that serve listens at.
type framing struct {
	origin string
	link   atomic.Value // string
}

func openFraming(t *testing.T) *framing {
	t.Helper()
	f := &framing{}
	f.link.Store("about:blank")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><head><title>Intranet</title><link rel="icon" href="data:,"></head>
<body><h1>Intranet</h1><iframe src="%s" title="Numbers" width="100%%" height="1200" style="border:0"></iframe></body></html>`, html.EscapeString(f.link.Load().(string)))
	}))
	t.Cleanup(server.Close)
	f.origin = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	return f
}

// frame is the one frame in the page that is shown.
func (b *browser) frame() *page.FrameTree {
	b.t.Helper()
	tree, err := chromedp.Call(b.tab, page.GetFrameTree, cdp.Empty{})
	if err != nil || len(tree.FrameTree.ChildFrames) != 1 {
		b.t.Fatalf("the page has %d frames, %v", len(tree.FrameTree.ChildFrames), err)
	}
	return tree.FrameTree.ChildFrames[0]
}

// framed is what an expression says that is run in the frame of the page.
func (b *browser) framed(script string) string {
	b.t.Helper()
	world, err := chromedp.Call(b.tab, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: b.frame().Frame.ID})
	if err != nil {
		b.t.Fatal(err)
	}
	said, err := chromedp.Call(b.tab, runtime.Evaluate, runtime.EvaluateParams{Expression: "String(" + script + ")", ContextID: world.ExecutionContextID})
	if err != nil || said.ExceptionDetails != nil {
		b.t.Fatalf("%s in the frame: %+v, %v", script, said.ExceptionDetails, err)
	}
	var text string
	if err := json.Unmarshal(said.Result.Value, &text); err != nil {
		b.t.Fatal(err)
	}
	return text
}

// share makes a link by the API and returns its address.
func (s *instance) share(t *testing.T, view string) (id, address string) {
	t.Helper()
	order, _ := json.Marshal(map[string]any{"name": "For the board", "view": view})
	made := s.post("/api/v1/admin/links", s.keys["admin"], "application/json", order)
	var link struct{ ID, Path string }
	if err := json.Unmarshal(made.body, &link); err != nil || made.status != 201 {
		t.Fatalf("a link to %s: %d %s", view, made.status, made.body)
	}
	return link.ID, s.base + link.Path
}

const sharedSettled = "document.querySelector('main h1') !== null && document.querySelector('[aria-busy=true], .skeleton') === null"

// dashboardIsEmbedded makes a link as an admin does, shows it on a page of
// another site, and revokes it.
func dashboardIsEmbedded(t *testing.T, s *instance, allowed *framing) {
	s.mustPost("/api/v1/events?wait=true", []byte(`[{"type":"poll_vote","user_id":"ada"},{"type":"poll_vote","user_id":"bob"}]`))
	admin := openDashboard(t, s, s.keys["admin"])
	admin.look(s, "#/events?range=7d&type=poll_vote")
	admin.value("document.querySelector('button.share').click()")
	if err := chromedp.Do(admin.tab, chromedp.WaitVisible("dialog[open] input")); err != nil {
		t.Fatal(err)
	}
	admin.picture("share-light")
	admin.value("document.querySelector('dialog[open] button[type=submit]').click()")
	admin.waitFor("the link is made", "document.querySelectorAll('dialog[open] code').length === 2")
	admin.picture("shared-light")
	link := admin.value("document.querySelector('dialog[open] code').innerText")
	if snippet := admin.value("document.querySelectorAll('dialog[open] code')[1].innerText"); !strings.HasPrefix(snippet, `<iframe src="`+link+`"`) || !strings.HasPrefix(link, s.base+"/embed#1.") {
		t.Errorf("the link is %s, for a page %s", link, snippet)
	}

	b := openBrowser(t)
	b.complains(t)
	allowed.link.Store(link + "?language=fr&theme=dark")
	b.visit(allowed.origin)
	waitFor(t, "the frame shows the view", func() bool { return b.framed(sharedSettled) == "true" })
	if row := b.framed(`[...document.querySelectorAll('tbody tr')].map((tr) => [...tr.children].slice(0, 3).map((td) => td.dataset.value).join(' ')).join(';')`); row != "poll_vote 2 2" {
		t.Errorf("the frame counts %q", row)
	}
	if text := b.framed("document.documentElement.lang + document.documentElement.dataset.shade"); text != "frdark" {
		t.Errorf("the frame is in %s", text)
	}
	if ways := b.framed("document.querySelectorAll('main a, nav, .menu:not(.definition), input').length"); ways != "0" {
		t.Errorf("%s ways lead out of the view", ways)
	}
	b.picture("embedded-dark")

	stranger := openFraming(t)
	stranger.link.Store(link)
	other := openBrowser(t)
	other.visit(stranger.origin)
	waitFor(t, "another origin's frame is refused", func() bool { return strings.HasPrefix(other.frame().Frame.URL, "chrome-error:") })
	stranger.link.Store(s.base + "/#/overview")
	other.visit(stranger.origin)
	waitFor(t, "the dashboard is refused in a frame", func() bool { return strings.HasPrefix(other.frame().Frame.URL, "chrome-error:") })

	admin.look(s, "#/keys")
	const row = "document.querySelector('.links tbody tr')"
	admin.waitFor("the link is listed", row+" !== null")
	admin.everyWay(s, "links", "#/keys")
	admin.value(row + ".querySelector('button.danger').click()")
	admin.value(row + ".querySelector('dialog .danger').click()")
	admin.waitFor("it is revoked", row+".innerText.includes('Revoked')")
	closed := openBrowser(t)
	waitFor(t, "a revoked link says so", func() bool {
		closed.visit("about:blank")
		closed.visit(link)
		closed.waitFor("it has asked", "document.querySelector('main h1') !== null && document.querySelector('.skeleton') === null")
		return closed.value("document.querySelector('.closed')?.dataset.code") == "link_revoked"
	})
	closed.picture("revoked-light")
}

// dashboardIsShared shows each page that a link can show, and compares it with
// what the API answers to a key.
func dashboardIsShared(t *testing.T, s *instance) {
	checker, err := os.ReadFile(axe)
	if err != nil {
		t.Fatalf("axe is missing, make web fetches it: %v", err)
	}
	b, whole := openBrowser(t), openDashboard(t, s, s.keys["read"])
	b.complains(t)
	for _, p := range dashboardPages {
		if p.name == "person" || p.name == "health" || p.name == "nowhere" {
			continue
		}
		_, link := s.share(t, strings.TrimPrefix(p.address, "#/"))
		for _, view := range dashboardViews {
			b.shade(view.shade)
			b.size(view.width, 900)
			b.visit("about:blank")
			b.visit(link)
			b.waitFor(p.name+" is shown", sharedSettled)
			b.soundAs("embedded-"+p.name, view.name, checker)
		}
		if text := b.value("[...document.querySelectorAll('main [role=alert]')].map((e) => e.innerText).join()"); text != "" {
			t.Errorf("%s says %q", p.name, text)
		}
		whole.look(s, p.address)
		if diff := cmp.Diff(whole.numbersShown(), b.numbersShown()); diff != "" || strings.Count(b.numbersShown(), "\n") < 3 {
			t.Errorf("%s (dashboard -, link +):\n%s", p.name, diff)
		}
	}
	if a := s.getAs(s.keys["admin"], "/api/v1/admin/links", url.Values{}); !strings.Contains(string(a.body), `"state":"good"`) {
		t.Errorf("the list: %d %s", a.status, a.body)
	}
}

// numbersShown are the totals and tables of a page, with every chart as its table.
func (b *browser) numbersShown() string {
	b.t.Helper()
	b.value("document.querySelectorAll('.panel header > button').forEach((button) => /table/i.test(button.textContent) && button.click())")
	b.waitFor("tables are shown", "[...document.querySelectorAll('.panel')].every((panel) => panel.querySelector('table, .state') !== null)")
	return b.value("[...document.querySelectorAll('main [data-value]')].map((e) => e.dataset.value).join('\\n')")
}
