package access

import (
	"regexp"
	"slices"
	"strings"
)

// AnyOrigin in a list of origins allows every page, those without an origin
// (files, sandboxed frames: "null") too.
const AnyOrigin = "*"

// MaxOrigins is how many origins a project may allow.
const MaxOrigins = 100

// origin is what an entry of a list of origins looks like, * aside: a scheme, a
// host that may begin with *., and a port.
var origin = regexp.MustCompile(`^([a-z][a-z0-9+.-]{0,31})://((?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(:[0-9]{1,5})?$`)

// subdomain is what a wildcard may stand for.
var subdomain = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*$`)

// defaultPorts are those that a browser leaves out of an origin.
var defaultPorts = map[string]string{"http": ":80", "https": ":443"}

// ParseOrigin returns an origin as browsers write it: in lower case, without a
// default port. https://*.example.org stands for all hosts below example.org,
// and * for every origin. ErrInvalid says the rule if text breaks it.
func ParseOrigin(text string) (string, error) {
	lower := strings.ToLower(strings.TrimSpace(text))
	if lower == AnyOrigin {
		return lower, nil
	}
	parts := origin.FindStringSubmatch(lower)
	if parts == nil {
		return "", invalid("origin %q has to be scheme://host or scheme://host:port, without a path; https://*.example.org stands for all hosts below example.org, * for every origin", text)
	}
	scheme, host, port := parts[1], parts[2], parts[3]
	if port == defaultPorts[scheme] {
		port = ""
	}
	return scheme + "://" + host + port, nil
}

// originSet tells whether an origin is among those that a list allows.
type originSet struct {
	any       bool
	exact     map[string]bool
	wildcards []wildcard
}

// wildcard is an origin with an asterisk, cut at it.
type wildcard struct{ before, after string }

func newOriginSet(list []string) *originSet {
	set := &originSet{exact: map[string]bool{}}
	for _, entry := range list {
		before, after, isWildcard := strings.Cut(entry, "*")
		switch {
		case entry == AnyOrigin:
			set.any = true
		case isWildcard:
			set.wildcards = append(set.wildcards, wildcard{before, after})
		default:
			set.exact[entry] = true
		}
	}
	return set
}

// allows reports whether the value of a header Origin is in the set.
func (s *originSet) allows(presented string) bool {
	return s.any || s.exact[presented] || slices.ContainsFunc(s.wildcards, func(w wildcard) bool {
		rest, begins := strings.CutPrefix(presented, w.before)
		rest, ends := strings.CutSuffix(rest, w.after)
		return begins && ends && subdomain.MatchString(rest)
	})
}
