package enrich

import "strings"

// source names where a visitor came from: the referrer's host without "www.",
// or the name of a site that is known under several hosts. Empty means no
// referrer, one that is not a page, or a page of our own.
func (e *Enricher) source(referrer, ownHost string) string {
	if referrer == "" {
		return ""
	}
	from := splitURL(referrer)
	switch from.scheme {
	case "http", "https", "android-app", "ios-app":
	default:
		return ""
	}
	host := bareHost(from.host)
	if host == bareHost(ownHost) || e.ownHosts[host] {
		return ""
	}
	if name, known := knownSource(host); known {
		return name
	}
	return host
}

// knownSource finds the name of a host or of the domain that it is part of.
func knownSource(host string) (name string, known bool) {
	for domain := host; ; {
		if name, known := sourceNames[domain]; known {
			return name, true
		}
		label, rest, more := strings.Cut(domain, ".")
		if !more {
			return "", false
		}
		if nationalBrands[label] && isPublicSuffix(rest) {
			return label, true
		}
		domain = rest
	}
}

// isPublicSuffix tells com, rw, co.rw and com.tr from a domain that somebody
// owns: google.example.com is not Google.
func isPublicSuffix(s string) bool {
	first, rest, two := strings.Cut(s, ".")
	if !two {
		return len(s) >= 2
	}
	return len(rest) == 2 && (first == "co" || first == "com")
}

// nationalBrands have a domain in every country.
var nationalBrands = map[string]bool{"google": true, "yandex": true, "pinterest": true, "yahoo": true}

// sourceNames folds the hosts and apps of search engines, networks and
// messengers. A domain stands for its subdomains too, unless they are listed.
var sourceNames = map[string]string{
	"mail.google.com": "gmail", "com.google.android.gm": "gmail",
	"com.google.android.googlequicksearchbox": "google", "googleusercontent.com": "google",
	"bing.com": "bing", "duckduckgo.com": "duckduckgo", "ecosia.org": "ecosia", "qwant.com": "qwant",
	"startpage.com": "startpage", "search.brave.com": "brave", "baidu.com": "baidu", "ya.ru": "yandex",
	"naver.com": "naver", "seznam.cz": "seznam", "kagi.com": "kagi",
	"facebook.com": "facebook", "fb.com": "facebook", "fb.me": "facebook", "messenger.com": "facebook",
	"com.facebook.katana": "facebook", "instagram.com": "instagram", "threads.net": "threads", "threads.com": "threads",
	"twitter.com": "twitter", "t.co": "twitter", "x.com": "twitter", "com.twitter.android": "twitter",
	"linkedin.com": "linkedin", "lnkd.in": "linkedin", "com.linkedin.android": "linkedin",
	"reddit.com": "reddit", "redd.it": "reddit", "com.reddit.frontpage": "reddit",
	"youtube.com": "youtube", "youtu.be": "youtube", "tiktok.com": "tiktok", "pin.it": "pinterest",
	"whatsapp.com": "whatsapp", "wa.me": "whatsapp", "com.whatsapp": "whatsapp",
	"t.me": "telegram", "telegram.org": "telegram", "org.telegram.messenger": "telegram",
	"bsky.app": "bluesky", "discord.com": "discord", "slack.com": "slack", "com.slack": "slack",
	"vk.com": "vk", "news.ycombinator.com": "hackernews", "lobste.rs": "lobsters",
	"github.com": "github", "stackoverflow.com": "stackoverflow", "wikipedia.org": "wikipedia",
	"chatgpt.com": "chatgpt", "chat.openai.com": "chatgpt", "perplexity.ai": "perplexity",
	"claude.ai": "claude", "gemini.google.com": "gemini", "copilot.microsoft.com": "copilot",
}
