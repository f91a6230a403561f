package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

const clientTest = "../../internal/clienttest"

// clientTarget is where a client sends, and the key of its project.
type clientTarget struct {
	Base string `json:"base"`
	Key  string `json:"key"`
}

// Each client sends to a project of its own, through a proxy that loses the
// first answer, so that what the client sends again has to be recognized.
func TestUnchangedClientsOfServersAreCountedOnceWithTheirFields(t *testing.T) {
	t.Parallel()
	modules := clientModules(t)
	s := serve(t, t.TempDir())
	node, goes := map[string]clientTarget{}, map[string]clientTarget{}
	for name := range serverClients {
		to := clientTarget{losesItsFirstAnswer(t, s.base), createProject(t, s, name, "UTC").write}
		switch name {
		case "cloudevents-js": // it does not send anything again by itself
			node[name] = clientTarget{s.base, to.Key}
		case "analytics-go", "posthog-go", "cloudevents-go", "otlp-go":
			goes[name] = to
		default:
			node[name] = to
		}
	}
	programs := []*exec.Cmd{exec.Command("node", "servers.mjs"), exec.Command("go", "run", ".")}
	programs[0].Dir, programs[1].Dir = scriptsBeside(t, modules), filepath.Join(clientTest, "go")
	runWithInput(t, programs[0], node)
	runWithInput(t, programs[1], goes)

	s.settled()
	conn := s.asWriter(t)
	for name, want := range serverClients {
		if diff := cmp.Diff(want, arrived(t, conn, name, nil)); diff != "" {
			t.Errorf("%s: wanted (-), stored (+):\n%s", name, diff)
		}
	}
	t.Run("WhoIsWhoIsKept", func(t *testing.T) { whoIsWho(t, conn) })
}

// runWithInput runs a program that reads JSON and waits for its end.
func runWithInput(t *testing.T, cmd *exec.Cmd, input any) {
	t.Helper()
	text, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = bytes.NewReader(text)
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", cmd, err, output)
	}
}

// losesItsFirstAnswer is a proxy before a server that passes everything on, and
// says 503 in the place of the first answer.
func losesItsFirstAnswer(t *testing.T, base string) string {
	t.Helper()
	passOn := proxyTo(t, base)
	var lost atomic.Bool
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !lost.CompareAndSwap(false, true) {
			passOn.ServeHTTP(w, r)
			return
		}
		unseen := httptest.NewRecorder()
		passOn.ServeHTTP(unseen, r)
		if unseen.Code != http.StatusOK {
			t.Errorf("%s: %d %s", r.URL.Path, unseen.Code, unseen.Body)
		}
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

func proxyTo(t *testing.T, base string) *httputil.ReverseProxy {
	t.Helper()
	to, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	return httputil.NewSingleHostReverseProxy(to) // it leaves Host as the client said it
}

// Each page has an origin of its own, which serves the page and the client's
// script as its package has it; the project allows that origin to post.
func TestUnchangedClientsInABrowserAreCountedOnceWithTheirFields(t *testing.T) {
	t.Parallel()
	modules := clientModules(t)
	b := openBrowser(t)
	s := serve(t, t.TempDir())
	conn := s.asWriter(t)
	for name, want := range browserClients {
		site := serveSite(t, s, modules, name)
		b.visitFromASearch(site + "/site?utm_source=news&utm_campaign=spring")
		b.waitUntilSaid()
		b.visit("about:blank") // and what leaving makes them say
		var got []string
		waitFor(t, name+" has said it all", func() bool {
			s.settled()
			got = arrived(t, conn, name, map[string]string{site: "ORIGIN"})
			return len(got) >= len(want)
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: wanted (-), stored (+):\n%s", name, diff)
		}
	}
}

// serveSite returns the origin of a page with a client, which sends to a project
// of the client's name.
func serveSite(t *testing.T, s *instance, modules, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(clientTest, "pages", name+".html"))
	if err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("{{.Key}}", createProject(t, s, name, "UTC").write, "{{.Base}}", s.base)
	mux := http.NewServeMux()
	mux.Handle("/modules/", http.StripPrefix("/modules/", http.FileServer(http.Dir(modules))))
	mux.HandleFunc("/site", func(w http.ResponseWriter, _ *http.Request) { _, _ = fill.WriteString(w, string(text)) })
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	allow(t, s, name, site.URL)
	return site.URL
}

// visitFromASearch is visit by a link on another site.
func (b *browser) visitFromASearch(url string) {
	b.t.Helper()
	err := chromedp.Do(b.tab, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.Navigate, page.NavigateParams{URL: url, Referrer: "http://search.example/"})
		return err
	}))
	if err != nil {
		b.t.Fatalf("go to %s: %v", url, err)
	}
}

// waitUntilSaid waits for the page to set window.said, while it may still load.
func (b *browser) waitUntilSaid() {
	b.t.Helper()
	waitFor(b.t, "the page has said what it has to say", func() bool {
		said, err := chromedp.Run(b.tab, chromedp.Evaluate[bool]("window.said === true"))
		return said && err == nil
	})
}
