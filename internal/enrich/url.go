package enrich

import (
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// location is a URL cut into the parts that are looked at.
type location struct {
	scheme string // lower case; empty if the URL is only a path
	host   string // lower case, without user, default port and final dot
	path   string // as written
	query  string // as written, without the question mark
}

// splitURL cuts an absolute URL, or a path. Unlike net/url it takes what
// browsers and robots send, broken escapes included, and does not allocate for
// the usual ones.
func splitURL(raw string) location {
	raw, _, _ = strings.Cut(raw, "#")
	raw, query, _ := strings.Cut(raw, "?")
	if strings.HasPrefix(raw, "/") {
		return location{path: raw, query: query}
	}
	scheme, rest, found := strings.Cut(raw, "://")
	if !found {
		return location{path: raw, query: query}
	}
	scheme = strings.ToLower(scheme)
	authority, where := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		authority, where = rest[:i], rest[i:]
	}
	return location{scheme: scheme, host: hostOf(scheme, authority), path: where, query: query}
}

func hostOf(scheme, authority string) string {
	host := strings.ToLower(authority[strings.LastIndexByte(authority, '@')+1:])
	switch scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ".")
}

// bareHost drops what does not tell sites apart.
func bareHost(host string) string { return strings.TrimPrefix(host, "www.") }

// normalPath makes one path of those that show the same page: escapes are
// undone, // and /./ and /../ are resolved, and a final slash is dropped. An
// escaped slash stays escaped, being part of a name.
func normalPath(raw string) string {
	if strings.IndexByte(raw, '%') >= 0 {
		raw = unescapePath(raw)
	}
	if raw == "" || raw == "/" {
		return "/"
	}
	if strings.Contains(raw, "//") || strings.Contains(raw, "/.") {
		raw = path.Clean("/" + raw)
	}
	if len(raw) > 1 {
		raw = strings.TrimSuffix(raw, "/")
	}
	return raw
}

// unescapePath leaves a path as it is if undoing its escapes does not give
// printable text.
func unescapePath(raw string) string {
	if strings.Contains(raw, "%2f") || strings.Contains(raw, "%2F") {
		return raw
	}
	text, err := url.PathUnescape(raw)
	if err != nil || !utf8.ValidString(text) || strings.IndexFunc(text, unicode.IsControl) >= 0 {
		return raw
	}
	return text
}
