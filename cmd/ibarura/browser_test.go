package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/chromedp/chromedp"

	"ibarura/internal/clickhouse/embedded"
)

// An ordinary browser's user agent: the headless one's own is a robot's.
const desktopChrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"

// browser is a real one, with a tab.
type browser struct {
	t   *testing.T
	tab context.Context
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("there is no browser to test the dashboard, the tracker and other products' clients in: install Chromium (apt-get install chromium) or Chrome")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserAgent(desktopChrome),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		// A frame of another site is in the tree of its page, where tests look into it.
		chromedp.Flag("disable-site-isolation-trials", true), chromedp.Flag("disable-features", "IsolateOrigins,site-per-process,Translate"),
		// Some clients send nothing for a browser that says it is driven by a program.
		chromedp.Flag("enable-automation", false), chromedp.Flag("disable-blink-features", "AutomationControlled"))
	allocator, endBrowser := chromedp.NewExecAllocator(context.Background(), options...)
	tab, endTab := chromedp.NewContext(allocator)
	tab, endTime := context.WithTimeout(tab, 5*time.Minute)
	t.Cleanup(func() { endTime(); endTab(); endBrowser() })
	return &browser{t, tab}
}

// visit goes to a page and returns once it has loaded.
func (b *browser) visit(url string) {
	b.t.Helper()
	if err := chromedp.Do(b.tab, chromedp.Navigate(url)); err != nil {
		b.t.Fatalf("go to %s: %v", url, err)
	}
}

// value is what an expression says that is run in the page.
func (b *browser) value(script string) string {
	b.t.Helper()
	text, err := chromedp.Run(b.tab, chromedp.Evaluate[string]("String("+script+")"))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return text
}

// website is somebody's site, of another origin than the service.
type website struct {
	*httptest.Server

	mu    sync.Mutex
	tag   string // the attributes of the tracker's script, but for src
	api   string // address of the service
	early string // what the page runs before the tracker is there
}

// openWebsite serves the same page at every path, which remembers what went
// wrong in it.
func openWebsite(t *testing.T) *website {
	t.Helper()
	w := &website{}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(rw, `<!doctype html><html><head><title>Title of %s</title><link rel="icon" href="data:,">
<script>
window.errors = [];
addEventListener('error', function (e) { errors.push(e.message); });
addEventListener('unhandledrejection', function (e) { errors.push(String(e.reason)); });
window.ibarura = window.ibarura || function () { (ibarura.q = ibarura.q || []).push(arguments); };
%s
</script>
<script defer src="%s/js/ibarura.js" %s></script></head><body>%[1]s</body></html>`, r.URL.Path, w.early, w.api, w.tag)
	}))
	t.Cleanup(w.Close)
	return w
}

// asWriter connects to the engine of a running service.
func (s *instance) asWriter(t *testing.T) driver.Conn {
	t.Helper()
	addr, users, err := embedded.Running(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(&clickhouse.Options{
		Addr: []string{addr}, Auth: clickhouse.Auth{Database: "ibarura", Username: users.Writer.User, Password: users.Writer.Password},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// row is an event or a page view as ClickHouse has it.
type row struct {
	Kind       string            `ch:"kind"`
	What       string            `ch:"what"` // type or path
	Visitor    string            `ch:"anonymous_id"`
	User       string            `ch:"user_id"`
	Role       string            `ch:"role"`
	Session    string            `ch:"session_id"`
	Referrer   string            `ch:"referrer"`
	Title      string            `ch:"title"`
	UTM        string            `ch:"utm_source"`
	Object     string            `ch:"object"`
	Duration   uint32            `ch:"duration_ms"`
	Bot        bool              `ch:"bot"`
	Device     string            `ch:"device"`
	Properties map[string]string `ch:"properties"`
}

const storedRows = `
SELECT * FROM (
    SELECT 'event' AS kind, toString(type) AS what, anonymous_id, user_id, toString(role) AS role, session_id, '' AS referrer, '' AS title,
           '' AS utm_source, concat(object_type, ':', object_id) AS object, toUInt32(0) AS duration_ms, false AS bot, '' AS device,
           CAST(properties, 'Map(String, String)') AS properties, received_at
    FROM events WHERE project = {project:String} AND type != 'settled'
    UNION ALL
    SELECT 'page' AS kind, path AS what, anonymous_id, user_id, toString(role) AS role, session_id, referrer, title,
           toString(utm_source) AS utm_source, concat(object_type, ':', object_id) AS object, duration_ms, bot, toString(device) AS device,
           CAST(properties, 'Map(String, String)') AS properties, received_at
    FROM page_views WHERE project = {project:String}
) ORDER BY received_at, kind, what`

// stored waits until so many rows are there, and a moment for one too many.
func (s *instance) stored(t *testing.T, project string, want int) map[string]row {
	t.Helper()
	conn := s.asWriter(t)
	var rows []row
	read := func() {
		rows = nil
		ctx := clickhouse.Context(t.Context(), clickhouse.WithParameters(clickhouse.Parameters{"project": project}))
		result, err := conn.Query(ctx, storedRows)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = result.Close() }()
		for result.Next() {
			var r row
			var received time.Time
			if err := result.Scan(&r.Kind, &r.What, &r.Visitor, &r.User, &r.Role, &r.Session, &r.Referrer, &r.Title, &r.UTM, &r.Object,
				&r.Duration, &r.Bot, &r.Device, &r.Properties, &received); err != nil {
				t.Fatal(err)
			}
			rows = append(rows, r)
		}
		if err := result.Err(); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, fmt.Sprintf("%d rows of project %s are stored", want, project), func() bool { read(); return len(rows) >= want })
	s.settled()
	read()
	found := map[string]row{}
	for _, r := range rows {
		if _, twice := found[r.Kind+" "+r.What]; twice {
			t.Errorf("%s %s is there twice", r.Kind, r.What)
		}
		found[r.Kind+" "+r.What] = r
	}
	if len(rows) != want {
		t.Errorf("%d rows, want %d: %+v", len(rows), want, rows)
	}
	return found
}
