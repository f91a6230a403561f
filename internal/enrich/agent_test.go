package enrich

import (
	"testing"
	"unsafe"
)

// The user agents are ones that browsers, apps and robots really send.
func TestUserAgents(t *testing.T) {
	for userAgent, want := range map[string]agent{
		"":              {device: "other"},
		"-":             {device: "other", browser: "Other"},
		"&as_qdr=all":   {device: "other", browser: "Other"},
		chromeOnWindows: {device: "desktop", browser: "Chrome", os: "Windows"},
		safariOnIPhone:  {device: "mobile", browser: "Safari", os: "iOS"},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.56":                  {"desktop", "Edge", "Windows", false},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 OPR/110.0.0.0":                      {"desktop", "Opera", "Windows", false},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0":                                                                   {"desktop", "Firefox", "Windows", false},
		"Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko":                                                                               {"desktop", "Internet Explorer", "Windows", false},
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15":                              {"desktop", "Safari", "macOS", false},
		"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1":              {"tablet", "Chrome", "iOS", false},
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/127.0 Mobile/15E148 Safari/605.1.15":          {"mobile", "Firefox", "iOS", false},
		"Mozilla/5.0 (iPod; CPU iPhone OS 6_1_5 like Mac OS X) AppleWebKit/536.26 (KHTML, like Gecko) Version/6.0 Mobile/10B400 Safari/8536.25":              {"mobile", "Safari", "iOS", false},
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36":                                    {"mobile", "Chrome", "Android", false},
		"Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36": {"mobile", "Samsung Browser", "Android", false},
		"Mozilla/5.0 (Linux; Android 10; CUBOT NOTE 20) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36":                        {"mobile", "Chrome", "Android", false},
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36":                                     {"desktop", "Chrome", "ChromeOS", false},
		"Mozilla/5.0 (X11; FreeBSD amd64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/30.0.1599.101 Safari/537.36":                                         {"desktop", "Chrome", "FreeBSD", false},
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Ubuntu Chromium/32.0.1700.102 Chrome/32.0.1700.102 Safari/537.36":            {"desktop", "Chromium", "Linux", false},
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)":                                                                           {"bot", "Googlebot", "", true},
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36":                                      {"bot", "Chrome", "Linux", true},
		"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)":                                             {"bot", "GPTBot", "", true},
		"Tiny Tiny RSS/1.11 (http://tt-rss.org/)": {"bot", "Other", "", true},
		"Feedbin - 1 subscribers":                 {"bot", "Other", "", true},
		"curl/8.5.0":                              {"bot", "curl", "", true},
		"Wget/1.14 (linux-gnu)":                   {"bot", "Wget", "Linux", true},
		"python-requests/2.32.3":                  {"bot", "python-requests", "", true},
		"Go-http-client/2.0":                      {"bot", "Go-http-client", "", true},
	} {
		if got := parseAgent(userAgent); userAgent != "" && got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", userAgent, got, want)
		}
		if got := newAgentCache().get(userAgent); got != want {
			t.Errorf("%s from the cache:\n got %+v\nwant %+v", userAgent, got, want)
		}
	}
}

func TestCacheOfUserAgentsIsBounded(t *testing.T) {
	c := newAgentCache()
	for i := range 2 * cachedAgents {
		c.get("agent " + string(rune('0'+i%10)) + string(rune(0x4e00+i)))
	}
	if n := c.parsed.Len(); n > cachedAgents {
		t.Errorf("%d user agents are kept", n)
	}
}

func TestCacheKeepsItsOwnCopyOfAUserAgent(t *testing.T) {
	c := newAgentCache()
	buffer := []byte("curl/8.5.0")
	c.get(viewOf(buffer))
	copy(buffer, "Other1/2.3")
	if got := c.get("curl/8.5.0"); got.browser != "curl" || c.parsed.Len() != 1 {
		t.Errorf("%+v, %d entries", got, c.parsed.Len())
	}
}

// viewOf makes a string as the decoders do: it changes with its bytes.
func viewOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
