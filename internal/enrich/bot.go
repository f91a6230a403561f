package enrich

import "strings"

// botMarkers are parts of user agents that no person's browser has, in lower
// case. They add to what the parser knows; it also takes an address in a user
// agent for a robot's, as nearly all of those are.
var botMarkers = []string{
	"bot", "crawl", "spider", "slurp", "scraper", "archiver", "headless", "phantomjs", "puppeteer", "playwright", "selenium",
	"curl/", "wget", "libwww", "lwp::", "python-", "python/", "aiohttp", "httpx", "urllib", "go-http-client", "java/", "jakarta", "ruby",
	"php/", "node-fetch", "axios", "guzzle", "http_request", "httpclient", "postman", "insomnia", "indy library", "winhttp",
	"feedfetcher", "feedparser", "feedburner", "feedbin", "feedly", "simplepie", "tiny tiny rss", "theoldreader", "newsblur", "fetcher",
	"preview", "google favicon", "imageproxy", "embedly", "link validator", "link sleuth", "uptime", "pingdom", "monitor", "nagios",
	"lighthouse", "pagespeed", "nutch", "ezooms", "portscout", "masscan", "zgrab", "nikto", "sqlmap", "facebookexternalhit",
}

// cubot is a maker of telephones.
const cubot = "cubot"

// isBot reports whether a user agent has a marker. An absent user agent has
// none: browsers of careful people send none, and it proves nothing.
func isBot(userAgent string) bool {
	s := strings.ReplaceAll(strings.ToLower(userAgent), cubot, "")
	for _, marker := range botMarkers {
		if strings.Contains(s, marker) {
			return true
		}
	}
	return false
}
