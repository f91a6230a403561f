package enrich

import "strings"

// browserNames maps the parser's names to ours. What is not here is "Other":
// the parser falls back on whatever stands first in the user agent, and a
// column must not take anything that anybody sends.
var browserNames = foldedNames(map[string][]string{
	"Chrome": {"HeadlessChrome", "Headless Chrome", "CriOS", "Chrome Mobile"}, "Chromium": {"Ubuntu Chromium"},
	"Firefox": {"Firefox Mobile", "FxiOS"}, "Firefox Focus": {"Focus"}, "Safari": {"Mobile Safari", "MobileSafari", "iPhone", "iPad", "iPod"},
	"Edge": {"Edg", "EdgA", "EdgiOS"}, "Internet Explorer": {"Trident", "MSIE"}, "Opera": {"Opera Touch", "OPR"}, "Opera Mini": nil,
	"Samsung Browser": {"SamsungBrowser", "Samsung Internet"}, "Vivaldi": nil, "Brave": nil, "DuckDuckGo": {"Ddg"}, "Yandex Browser": {"YaBrowser"},
	"UC Browser": {"UCBrowser"}, "MIUI Browser": {"MiuiBrowser"}, "Huawei Browser": {"HuaweiBrowser"}, "Silk": {"Amazon Silk"}, "Whale": nil,
	"Android browser": nil, "BlackBerry": nil, "NetFront": nil, "Konqueror": nil, "Epiphany": nil, "SeaMonkey": nil, "Iceweasel": nil, "Dalvik": nil,
	"Facebook": {"Facebook App"}, "Instagram": {"Instagram App"}, "TikTok": {"TikTok App"},
	"Googlebot": nil, "Google Ads Bot": nil, "Bingbot": nil, "Applebot": nil, "YandexBot": nil, "Baiduspider": nil, "DuckDuckBot": nil,
	"Yahoo! Slurp": nil, "facebookexternalhit": nil, "Twitterbot": nil, "LinkedInBot": nil, "Slackbot": nil, "Discordbot": nil, "TelegramBot": nil,
	"AhrefsBot": nil, "SemrushBot": nil, "MJ12bot": nil, "DotBot": nil, "PetalBot": nil, "GPTBot": nil, "ClaudeBot": nil, "CCBot": nil, "Bytespider": nil,
	"curl": nil, "Wget": nil, "python-requests": nil, "Go-http-client": nil, "PhantomJS": nil, "ELinks": nil, "Lynx": nil, "w3m": nil,
})

// browserTokens find what the parser takes for the browser that it is built
// on. The first that a user agent contains counts.
var browserTokens = []struct{ token, name string }{
	{"SamsungBrowser/", "Samsung Browser"}, {"YaBrowser/", "Yandex Browser"}, {"UCBrowser/", "UC Browser"}, {"Silk/", "Silk"},
	{"DuckDuckGo/", "DuckDuckGo"}, {"Ddg/", "DuckDuckGo"}, {"MiuiBrowser/", "MIUI Browser"}, {"HuaweiBrowser/", "Huawei Browser"},
	{"Whale/", "Whale"}, {"Iceweasel/", "Iceweasel"}, {"SeaMonkey/", "SeaMonkey"}, {"PhantomJS/", "PhantomJS"},
}

func browserOf(parsed, userAgent string) string {
	for _, known := range browserTokens {
		if strings.Contains(userAgent, known.token) {
			return known.name
		}
	}
	if name, known := browserNames[strings.ToLower(parsed)]; known {
		return name
	}
	return "Other"
}

// systemNames maps the parser's names of operating systems to ours.
var systemNames = foldedNames(map[string][]string{
	"Windows": {"Windows NT"}, "Windows Phone": {"Windows Phone OS"}, "macOS": {"Mac OS X"}, "iOS": nil, "Android": nil, "Linux": nil,
	"ChromeOS": {"CrOS"}, "FreeBSD": nil, "BlackBerry": nil, "HarmonyOS": {"Harmony"},
})

// systemTokens find the system where the parser finds none.
var systemTokens = []struct{ token, name string }{
	{"Windows Phone", "Windows Phone"}, {"Windows", "Windows"}, {"iPhone", "iOS"}, {"iPad", "iOS"}, {"iPod", "iOS"}, {"Android", "Android"},
	{"Macintosh", "macOS"}, {"MacBook", "macOS"}, {"CrOS", "ChromeOS"}, {"FreeBSD", "FreeBSD"}, {"OpenBSD", "OpenBSD"}, {"NetBSD", "NetBSD"},
	{"SunOS", "Solaris"}, {"KaiOS", "KaiOS"}, {"Tizen", "Tizen"}, {"Linux", "Linux"}, {"linux", "Linux"},
}

func systemOf(parsed, userAgent string) string {
	if name, known := systemNames[strings.ToLower(parsed)]; known {
		return name
	}
	for _, known := range systemTokens {
		if strings.Contains(userAgent, known.token) {
			return known.name
		}
	}
	return ""
}

// desktopSystems run on desktops unless the parser knows better.
var desktopSystems = map[string]bool{
	"Windows": true, "macOS": true, "Linux": true, "ChromeOS": true, "FreeBSD": true, "OpenBSD": true, "NetBSD": true, "Solaris": true,
}

// foldedNames turns names with their other spellings into a table by spelling
// in lower case.
func foldedNames(names map[string][]string) map[string]string {
	table := map[string]string{}
	for name, others := range names {
		table[strings.ToLower(name)] = name
		for _, other := range others {
			table[strings.ToLower(other)] = name
		}
	}
	return table
}
