package protocol

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/event"
)

const combinedLine = `83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /a.png?x=1 HTTP/1.1" 200 203023 "http://semicomplete.com/" "Mozilla/5.0 (X11)"`

func combinedEntry() AccessLogEntry {
	return AccessLogEntry{
		Host: "83.149.9.216", Time: 1431857103000, Method: "GET", Path: "/a.png?x=1", Protocol: "HTTP/1.1",
		Status: 200, Bytes: 203023, Referrer: "http://semicomplete.com/", UserAgent: "Mozilla/5.0 (X11)",
	}
}

// changed is combinedEntry with one change.
func changed(change func(*AccessLogEntry)) AccessLogEntry {
	e := combinedEntry()
	change(&e)
	return e
}

func TestLogLinesAreRead(t *testing.T) {
	replace := func(old, with string) string { return strings.Replace(combinedLine, old, with, 1) }
	for name, c := range map[string]struct {
		line string
		want AccessLogEntry
	}{
		"combined": {combinedLine, combinedEntry()},
		"common": {combinedLine[:strings.Index(combinedLine, ` "http:`)],
			changed(func(e *AccessLogEntry) { e.Referrer, e.UserAgent = "", "" })},
		"a user, no bytes, no referrer, another zone": {
			`::1 - ann [17/May/2015:12:05:03 +0200] "GET /a.png?x=1 HTTP/1.1" 304 - "-" "-"`,
			changed(func(e *AccessLogEntry) {
				e.Host, e.User, e.Status, e.Bytes, e.Referrer, e.UserAgent = "::1", "ann", 304, 0, "", ""
			})},
		"escaped quotes and bytes": {replace("Mozilla/5.0 (X11)", `a \"b\" \\ \x41\xc3\xa9\xff\x00 \t\q\x4 \`+`\`),
			changed(func(e *AccessLogEntry) { e.UserAgent = "a \"b\" \\ Aé\uFFFD\uFFFD \t\\q\\x4 \\" })},
		"raw bytes that are not UTF-8": {replace("X11", "\xe9"),
			changed(func(e *AccessLogEntry) { e.UserAgent = "Mozilla/5.0 (\uFFFD)" })},
		"a target with spaces": {replace("/a.png?x=1", "/a b c"), changed(func(e *AccessLogEntry) { e.Path = "/a b c" })},
		"HTTP/0.9":             {replace(" HTTP/1.1", ""), changed(func(e *AccessLogEntry) { e.Protocol = "" })},
		"a line cut inside the user agent": {strings.TrimSuffix(combinedLine, `11)"`),
			changed(func(e *AccessLogEntry) { e.UserAgent = "Mozilla/5.0 (X" })},
		"a space at the end": {combinedLine + " ", combinedEntry()},
	} {
		var got AccessLogEntry
		if err := ParseLogLine([]byte(c.line), &got); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestOtherLinesAreRefusedWithTheReason(t *testing.T) {
	replace := func(old, with string) string { return strings.Replace(combinedLine, old, with, 1) }
	for line, want := range map[string]error{
		"":                                      errNoHost,
		"just words":                            errNoHost,
		" - - [17/May/2015:10:05:03 +0000]":     errNoHost,
		"a - - 17/May/2015":                     errNoTime,
		replace("/May/", "/Mai/"):               errNoTime,
		replace("17/May", "32/May"):             errNoTime,
		replace(`"GET`, `GET`):                  errNoRequest,
		combinedLine[:60]:                       errNoRequest,
		replace("GET /a.png?x=1 HTTP/1.1", "-"): errRequest,
		replace("GET /a.png?x=1 HTTP/1.1", `\x16 \x03\x01`): errRequest,
		replace("GET /a.png?x=1 HTTP/1.1", "GET "):          errRequest,
		replace("GET /a.png?x=1 HTTP/1.1", "GET  HTTP/1.1"): errRequest,
		replace("200 203023", "20 203023"):                  errNoStatus,
		replace("200 203023", "OK 203023"):                  errNoStatus,
		replace("200 203023", "200 many"):                   errNoBytes,
		replace("200 203023", "200 -5"):                     errNoBytes,
		replace(`"http:`, `http:`):                          errQuoted,
		replace(` "Mozilla/5.0 (X11)"`, ``):                 errQuoted,
		combinedLine + ` "more"`:                            errTail,
	} {
		var entry AccessLogEntry
		if err := ParseLogLine([]byte(line), &entry); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", line, err, want)
		}
	}
}

func TestEveryLogLineBecomesAnAnonymousPageView(t *testing.T) {
	entry := combinedEntry()
	entry.Method, entry.Status = "POST", 404
	got := PageViewOf(&entry)
	want := event.PageView{
		OccurredAt: 1431857103000, URL: "/a.png?x=1", Referrer: "http://semicomplete.com/", UserAgent: "Mozilla/5.0 (X11)", IP: "83.149.9.216",
		Properties: []event.Property{{Key: "method", Value: "POST"}, {Key: "status", Value: "404"}, {Key: "bytes", Value: "203023"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	lim := event.DefaultLimits()
	if r := got.Validate(&lim, want.OccurredAt); r != nil {
		t.Error(r)
	}
}

func TestLineIDTellsEqualLinesApartAndNothingElse(t *testing.T) {
	line := []byte(combinedLine)
	if LineID(line, 0) != LineID([]byte(combinedLine), 0) {
		t.Error("the same line has two ids")
	}
	ids := map[string]bool{LineID(line, 0): true, LineID(line, 1): true, LineID(line, 11): true, LineID([]byte(combinedLine+"1"), 1): true}
	if len(ids) != 4 {
		t.Errorf("4 lines have %d ids", len(ids))
	}
	if id := LineID(line, 0); len(id) != 32 {
		t.Errorf("id %q", id)
	}
}

func FuzzParseLogLine(f *testing.F) {
	f.Add([]byte(combinedLine))
	f.Add([]byte(`a - b [17/May/2015:10:05:03 +0000] "GET \x2f\" HTTP/1.1" 200 - "-" "\\`))
	f.Add([]byte(`a - - [17/May/2015:10:05:03 +0000] "GET /" 200 1`))
	f.Fuzz(func(t *testing.T, line []byte) {
		var entry AccessLogEntry
		if ParseLogLine(line, &entry) != nil {
			return
		}
		for _, s := range []string{entry.Host, entry.User, entry.Method, entry.Path, entry.Protocol, entry.Referrer, entry.UserAgent} {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				t.Fatalf("%q: field %q", line, s)
			}
		}
		if entry.Method == "" || entry.Path == "" || entry.Status == 0 {
			t.Fatalf("%q: %+v", line, entry)
		}
	})
}

func BenchmarkParseLogLine(b *testing.B) {
	line := []byte(combinedLine)
	var entry AccessLogEntry
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if err := ParseLogLine(line, &entry); err != nil {
			b.Fatal(err)
		}
	}
}
