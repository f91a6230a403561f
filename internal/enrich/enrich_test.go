package enrich

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/event"
)

const (
	chromeOnWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
	safariOnIPhone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)

func newEnricher(tb testing.TB, o Options) *Enricher {
	tb.Helper()
	e, err := New(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := e.Close(); err != nil {
			tb.Error(err)
		}
	})
	return e
}

func TestVisitSaysAllThatAPageViewImplies(t *testing.T) {
	e := newEnricher(t, Options{})
	var got event.Visit
	e.Visit(&event.PageView{
		URL:       "HTTPS://Example.ORG:443/caf%C3%A9//menu/?utm_source=news&utm_medium=e+mail&UTM_Campaign=Spring%20%26%20more&utm_term=t&utm_content=c&q=1#top",
		Referrer:  "https://www.google.co.rw/search?q=x",
		UserAgent: chromeOnWindows,
		IP:        "192.0.2.1",
	}, &got)
	want := event.Visit{
		Host: "example.org", Path: "/café/menu", Source: "google",
		UTMSource: "news", UTMMedium: "e mail", UTMCampaign: "Spring & more", UTMTerm: "t", UTMContent: "c",
		Device: "desktop", Browser: "Chrome", OS: "Windows",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestVisitLeavesNothingOfTheLastOne(t *testing.T) {
	e := newEnricher(t, Options{})
	got := event.Visit{Host: "h", Source: "s", UTMTerm: "t", Country: "RW", Bot: true}
	e.Visit(&event.PageView{URL: "/about?x"}, &got)
	if diff := cmp.Diff(event.Visit{Path: "/about", Device: "other"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestPathsOfOnePageBecomeOne(t *testing.T) {
	e := newEnricher(t, Options{})
	for url, want := range map[string]string{
		"https://a.b": "/", "https://a.b?x=1": "/", "https://a.b/": "/", "https://a.b#f": "/", "/": "/", "//": "/",
		"/a/": "/a", "/a//b": "/a/b", "/a/./b/../c": "/a/c", "/../a": "/a", "/a.html": "/a.html", "/.well-known/x": "/.well-known/x",
		"/%61b": "/ab", "/a%2Fb": "/a%2Fb", "/100%": "/100%", "/%ff": "/%ff", "/a%00b": "/a%00b", "/%0a": "/%0a", "/a?b#c": "/a", "/a#b?c": "/a",
	} {
		var got event.Visit
		e.Visit(&event.PageView{URL: url}, &got)
		if got.Path != want {
			t.Errorf("%s: path %q, want %q", url, got.Path, want)
		}
	}
}

func TestHostsAreNormalised(t *testing.T) {
	e := newEnricher(t, Options{})
	for url, want := range map[string]string{
		"http://A.b:80/x": "a.b", "http://a.b:443/": "a.b:443", "http://a.b:8080": "a.b:8080", "https://user:pw@a.b./": "a.b",
		"https://[2001:DB8::1]:443/": "[2001:db8::1]", "/x": "", "https://www.a.b/": "www.a.b",
	} {
		var got event.Visit
		e.Visit(&event.PageView{URL: url}, &got)
		if got.Host != want {
			t.Errorf("%s: host %q, want %q", url, got.Host, want)
		}
	}
}

func TestFirstOfRepeatedCampaignParametersCounts(t *testing.T) {
	e := newEnricher(t, Options{})
	var got event.Visit
	e.Visit(&event.PageView{URL: "/?&utm_source=a&utm_source=b&utm_medium=%zz&utm_=x&utm_campaign&utm_term=%ff%00&ref=c"}, &got)
	want := event.Visit{Path: "/", Device: "other", UTMSource: "a", UTMMedium: "%zz", UTMTerm: "\uFFFD\uFFFD"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReferrersAreFoldedToSources(t *testing.T) {
	e := newEnricher(t, Options{OwnHosts: []string{"www.Blog.example"}})
	for referrer, want := range map[string]string{
		"": "", "-": "", "about:blank": "", "javascript:alert(1)": "", "data:text/html,x": "", "/local": "", "https://": "",
		"https://example.org/other": "", "http://www.example.org/": "", "https://blog.example/x": "", "https://www.blog.example": "",
		"https://www.Other.example:443/x": "other.example", "http://other.example:8080/": "other.example:8080",
		"https://www.google.com/": "google", "https://news.google.com.tr/x": "google", "https://google.rw": "google", "https://mail.google.com/": "gmail",
		"https://google.example.com/": "google.example.com", "https://notgoogle.com/": "notgoogle.com", "https://googl.e/": "googl.e",
		"https://t.co/x": "twitter", "https://l.facebook.com/l.php": "facebook", "https://search.yahoo.com/": "yahoo", "https://uk.yahoo.com": "yahoo",
		"https://yandex.com.tr/": "yandex", "android-app://com.google.android.gm/": "gmail", "android-app://com.slack/": "slack",
		"https://chat.openai.com/": "chatgpt", "https://example.org.evil.example/": "example.org.evil.example",
	} {
		var got event.Visit
		e.Visit(&event.PageView{URL: "https://example.org/", Referrer: referrer}, &got)
		if got.Source != want {
			t.Errorf("%s: source %q, want %q", referrer, got.Source, want)
		}
	}
}

func TestReferrerOfAPathAloneIsNotTakenForOurs(t *testing.T) {
	e := newEnricher(t, Options{})
	var got event.Visit
	e.Visit(&event.PageView{URL: "/", Referrer: "https://other.example/"}, &got)
	if got.Source != "other.example" {
		t.Errorf("source %q", got.Source)
	}
}

func FuzzVisit(f *testing.F) {
	e, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("https://u:p@a.b:80/x//y/../%41?utm_source=%zz&&=#", "android-app://x", chromeOnWindows)
	f.Add("//", "://", "(;)")
	f.Add("/%", "https://[::1", "Mozilla/5.0 (")
	f.Fuzz(func(t *testing.T, url, referrer, userAgent string) {
		var got event.Visit
		e.Visit(&event.PageView{URL: url, Referrer: referrer, UserAgent: userAgent}, &got)
		if got.Device == "" || got.Path == "" || (got.Bot != (got.Device == "bot")) {
			t.Fatalf("%q, %q: %+v", url, userAgent, got)
		}
		if got.Browser != "" && got.Browser != "Other" && browserNames[strings.ToLower(got.Browser)] != got.Browser {
			t.Fatalf("%q: browser %q is not in the table", userAgent, got.Browser)
		}
	})
}

func BenchmarkVisit(b *testing.B) {
	e := newEnricher(b, Options{})
	pv := event.PageView{
		URL: "https://example.org/posts/42?utm_source=news", Referrer: "https://www.google.com/", UserAgent: safariOnIPhone,
	}
	var out event.Visit
	b.ReportAllocs()
	for b.Loop() {
		e.Visit(&pv, &out)
	}
}

func BenchmarkVisitOfNewUserAgent(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		parseAgent(safariOnIPhone)
	}
}
