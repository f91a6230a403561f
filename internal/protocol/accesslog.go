package protocol

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"ibarura/internal/event"
)

// AccessLogEntry is one line of a web server's access log. A field that the
// server logged as "-" is empty, or 0.
type AccessLogEntry struct {
	Host      string // address or name of the client
	User      string // as authenticated by HTTP
	Time      event.Millis
	Method    string
	Path      string // the request's target: nearly always a path with its query
	Protocol  string // empty in HTTP/0.9
	Status    int
	Bytes     int64 // of the answer's body
	Referrer  string
	UserAgent string
}

// The reasons for which a line is not an access log's.
var (
	errNoHost    = errors.New("the line does not begin with host, identity and user")
	errNoTime    = errors.New("there is no time such as [17/May/2015:10:05:03 +0000] after the user")
	errNoRequest = errors.New("there is no request in double quotes after the time")
	errRequest   = errors.New("the request is not METHOD TARGET PROTOCOL")
	errNoStatus  = errors.New("there is no status of three digits after the request")
	errNoBytes   = errors.New("there is no number of bytes, or -, after the status")
	errQuoted    = errors.New("the referrer and the user agent are not two texts in double quotes")
	errTail      = errors.New("there is something after the user agent")
)

// ParseLogLine reads a line, without its line ending, in the combined log
// format of Apache and nginx,
//
//	host identity user [time] "request" status bytes "referrer" "user agent"
//
// or in the common one, which ends after bytes. Escapes (\" \\ \n and the
// like, \xNN) are undone; bytes that are not UTF-8 then become U+FFFD, and so
// does NUL, because robots send such things and their visits count all the
// same. If the line breaks off inside the user agent, what there is of it is
// taken: servers and log shippers cut long lines, and all that is counted
// stands before it.
//
// On success every field of entry is set; its strings are views of line as far
// as they had no escapes. On an error, entry is undefined.
func ParseLogLine(line []byte, entry *AccessLogEntry) error {
	*entry = AccessLogEntry{}
	p := logLine{rest: line}
	host, identity, user := p.word(), p.word(), p.word()
	if host == "" || identity == "" || user == "" {
		return errNoHost
	}
	entry.Host, entry.User = valid(host), valid(dashless(user))
	if err := p.time(entry); err != nil {
		return err
	}
	if err := p.request(entry); err != nil {
		return err
	}
	if err := p.answer(entry); err != nil {
		return err
	}
	return p.client(entry)
}

// logLine is what is left of a line to parse.
type logLine struct{ rest []byte }

// word takes the bytes up to the next space.
func (p *logLine) word() string {
	word, rest, _ := bytes.Cut(p.rest, []byte(" "))
	p.rest = rest
	return view(word)
}

// logTime is the layout of a time, [ and ] included.
const logTime = "[02/Jan/2006:15:04:05 -0700]"

func (p *logLine) time(entry *AccessLogEntry) error {
	if len(p.rest) < len(logTime) {
		return errNoTime
	}
	t, err := time.Parse(logTime, view(p.rest[:len(logTime)]))
	if err != nil {
		return errNoTime
	}
	entry.Time = event.MillisOf(t)
	p.rest = bytes.TrimPrefix(p.rest[len(logTime):], []byte(" "))
	return nil
}

// request splits at the first and the last space: targets that robots make up
// have spaces inside.
func (p *logLine) request(entry *AccessLogEntry) error {
	request, closed := p.quoted()
	if !closed {
		return errNoRequest
	}
	method, target, found := strings.Cut(request, " ")
	if !found || !isMethod(method) {
		return errRequest
	}
	if i := strings.LastIndex(target, " HTTP/"); i >= 0 {
		target, entry.Protocol = target[:i], target[i+1:]
	}
	if target == "" {
		return errRequest
	}
	entry.Method, entry.Path = method, target
	return nil
}

// isMethod keeps the bytes of a TLS greeting from being taken for a request.
func isMethod(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && c != '-' && c != '_' {
			return false
		}
	}
	return s != ""
}

func (p *logLine) answer(entry *AccessLogEntry) error {
	status, err := strconv.Atoi(p.word())
	if err != nil || status < 100 || status > 999 {
		return errNoStatus
	}
	entry.Status = status
	size := p.word()
	if size == "-" {
		return nil
	}
	entry.Bytes, err = strconv.ParseInt(size, 10, 64)
	if err != nil || entry.Bytes < 0 {
		return errNoBytes
	}
	return nil
}

func (p *logLine) client(entry *AccessLogEntry) error {
	if len(bytes.TrimSpace(p.rest)) == 0 {
		return nil // the common format
	}
	referrer, closed := p.quoted()
	if !closed || len(p.rest) == 0 || p.rest[0] != '"' {
		return errQuoted
	}
	agent, _ := p.quoted()
	if len(bytes.TrimSpace(p.rest)) > 0 {
		return errTail
	}
	entry.Referrer, entry.UserAgent = dashless(referrer), dashless(agent)
	return nil
}

// quoted takes a text in double quotes and the space after it. closed is false
// if there is no opening quote, or no closing one: then it takes the rest.
func (p *logLine) quoted() (text string, closed bool) {
	if len(p.rest) == 0 || p.rest[0] != '"' {
		return "", false
	}
	b := p.rest[1:]
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			p.rest = bytes.TrimPrefix(b[i+1:], []byte(" "))
			return unescapeLog(b[:i]), true
		}
	}
	p.rest = nil
	return unescapeLog(b), false
}

// unescapeLog undoes the escapes of Apache and nginx.
func unescapeLog(b []byte) string {
	i := bytes.IndexByte(b, '\\')
	if i < 0 {
		return valid(view(b))
	}
	out := append(make([]byte, 0, len(b)), b[:i]...)
	for i < len(b) {
		if b[i] != '\\' {
			out = append(out, b[i])
			i++
			continue
		}
		c, n := logEscape(b[i:])
		out = append(out, c)
		i += n
	}
	return valid(view(out))
}

// logEscape reads the escape that b begins with and says how long it is. A
// backslash before anything else stands for itself.
func logEscape(b []byte) (c byte, length int) {
	if len(b) >= 4 && b[1] == 'x' {
		if code, err := strconv.ParseUint(view(b[2:4]), 16, 8); err == nil {
			return byte(code), 4
		}
	}
	if len(b) >= 2 {
		if i := strings.IndexByte(`"\nrtbfv`, b[1]); i >= 0 {
			return "\"\\\n\r\t\b\f\v"[i], 2
		}
	}
	return '\\', 1
}

// valid replaces what text columns cannot hold.
func valid(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func dashless(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// PageViewOf makes a page view of any entry: it judges neither method nor
// status nor what was asked for. Robots, images, feeds and errors stay in,
// told apart by the properties method, status and bytes and by the bot flag
// that enrichment adds, so that filters decide and no import has to be
// repeated. A target that is no page (the * of OPTIONS) fails validation.
//
// The page view has no id (see LineID) and, unless the server authenticated a
// user, no person: an address is not a person, and is not stored.
func PageViewOf(entry *AccessLogEntry) event.PageView {
	return event.PageView{
		OccurredAt: entry.Time,
		Identity:   event.Identity{UserID: entry.User},
		URL:        entry.Path,
		Referrer:   entry.Referrer,
		UserAgent:  entry.UserAgent,
		IP:         entry.Host,
		Properties: []event.Property{
			{Key: "method", Value: entry.Method},
			{Key: "status", Value: strconv.Itoa(entry.Status)},
			{Key: "bytes", Value: strconv.FormatInt(entry.Bytes, 10)},
		},
	}
}

// view returns b as a string that shares its bytes.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
