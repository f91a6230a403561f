package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"

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
	conn := openAsWriter(t, s.dir)
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

// Each page has an origin of its own, which serves the page, the client's script
// as its package has it, and everything else from the server.
func TestUnchangedClientsInABrowserAreCountedOnceWithTheirFields(t *testing.T) {
	t.Parallel()
	modules, browser := clientModules(t), findBrowser(t)
	s := serve(t, t.TempDir())
	origins, addresses := map[string]string{}, []string{}
	for name := range browserClients {
		origins[name] = serveSite(t, s, modules, name, createProject(t, s, name, "UTC").write)
		addresses = append(addresses, origins[name]+"/site?utm_source=news&utm_campaign=spring")
	}
	cmd := exec.Command("node", "browsers.mjs")
	cmd.Dir = scriptsBeside(t, modules)
	runWithInput(t, cmd, map[string]any{"browser": browser, "profile": t.TempDir(), "pages": addresses})

	conn := openAsWriter(t, s.dir)
	for name, want := range browserClients {
		var got []string
		waitFor(t, name+" has said it all", func() bool {
			s.settled()
			got = arrived(t, conn, name, map[string]string{origins[name]: "ORIGIN"})
			return len(got) >= len(want)
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: wanted (-), stored (+):\n%s", name, diff)
		}
	}
}

func serveSite(t *testing.T, s *instance, modules, name, key string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(clientTest, "pages", name+".html"))
	if err != nil {
		t.Fatal(err)
	}
	page = bytes.ReplaceAll(page, []byte("{{.Key}}"), []byte(key))
	mux := http.NewServeMux()
	mux.Handle("/modules/", http.StripPrefix("/modules/", http.FileServer(http.Dir(modules))))
	mux.HandleFunc("/site", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) })
	mux.Handle("/favicon.ico", http.NotFoundHandler())
	mux.Handle("/", proxyTo(t, s.base))
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	return site.URL
}
