package event

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// validateType accepts names as producers write them, from "post_created" and
// "$pageview" to "Order Completed": letters, marks and digits of any script,
// the characters _ . : - / $ and inner spaces may be used, and the
// first character is a letter, a digit or $.
func validateType(s string, lim *Limits) *Rejection {
	if s == "" {
		return Reject(CodeMissingField, "type", "type is required")
	}
	if r := validateText("type", s, lim.MaxTypeBytes); r != nil {
		return r
	}
	for i, c := range s {
		if !typeRune(c) || (i == 0 && !typeStart(c)) {
			return Reject(CodeTypeInvalid, "type",
				"type has %q at byte %d: it may hold letters, digits, spaces and _ . : - / $, and begins with a letter, a digit or $", c, i)
		}
	}
	if strings.HasSuffix(s, " ") {
		return Reject(CodeTypeInvalid, "type", "type ends with a space")
	}
	return nil
}

// TypeOf returns the event type for a name that people chose: the name itself
// if it may be a type, else with a space for each run of characters that types
// do not have. The result can be empty or too long, as Validate then says.
func TypeOf(name string) string {
	if isType(name) {
		return name
	}
	var b strings.Builder
	b.Grow(len(name))
	gap := false
	for _, c := range name {
		if c == ' ' || c == utf8.RuneError || !typeRune(c) || (b.Len() == 0 && !typeStart(c)) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(c)
	}
	return b.String()
}

func isType(name string) bool {
	for i, c := range name {
		if !typeRune(c) || (i == 0 && !typeStart(c)) {
			return false
		}
	}
	return !strings.HasSuffix(name, " ")
}

func typeRune(c rune) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	case c < unicode.MaxASCII:
		return strings.IndexByte("_.:-/$ ", byte(c)) >= 0
	default:
		return unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c)
	}
}

func typeStart(c rune) bool {
	return c == '$' || unicode.IsLetter(c) || unicode.IsDigit(c)
}

// validateURL accepts an absolute http or https URL with a host, and a path
// that begins with a slash (a producer that knows only its own paths, an
// access log). It does not ask for more: what browsers and robots really send
// is not always a correct URL, and a page view is not lost for its escapes.
func validateURL(s string, lim *Limits) *Rejection {
	if s == "" {
		return Reject(CodeMissingField, "url", "url is required")
	}
	if r := validateText("url", s, lim.MaxURLBytes); r != nil {
		return r
	}
	if strings.IndexFunc(s, unicode.IsControl) >= 0 {
		return Reject(CodeURLInvalid, "url", "url contains a control character")
	}
	if s[0] != '/' && !hasWebHost(s) {
		return Reject(CodeURLInvalid, "url",
			"url has to be an absolute http or https URL, or a path that begins with /")
	}
	return nil
}

// hasWebHost reports whether s is http:// or https://, in any case, followed
// by a host.
func hasWebHost(s string) bool {
	scheme, rest, found := strings.Cut(s, "://")
	if !found || !(strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")) {
		return false
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host := rest[:end]
	return host != "" && !strings.ContainsAny(host, " \"<>\\^`{|}")
}
