package importer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"ibarura/internal/producer"
	"ibarura/internal/protocol"
)

func TestIDIsAddedWhereThereIsNone(t *testing.T) {
	cases := []struct{ line, want string }{
		{`{"type":"a"}`, `{"id":"ID","type":"a"}`},
		{` {  "type":"a"} `, `{"id":"ID",  "type":"a"}`},
		{`{}`, `{"id":"ID"}`},
		{`{ }`, `{"id":"ID" }`},
		{`{"type":"a","id":null}`, `{"type":"a","id":"ID"}`},
		{`{"id" : "" ,"type":"a"}`, `{"id" : "ID" ,"type":"a"}`},
		{`{"id":"mine","type":"a"}`, `{"id":"mine","type":"a"}`},
		{`{"id":7,"type":"a"}`, `{"id":7,"type":"a"}`},
		{`{"\u0069d":"mine"}`, `{"\u0069d":"mine"}`},
		{`{"properties":{"id":"x"}}`, `{"id":"ID","properties":{"id":"x"}}`},
		{`["type"]`, `["type"]`},
		{`{"type":`, `{"type":`},
		{`nonsense`, `nonsense`},
	}
	for _, c := range cases {
		items := &jsonItems{ids: newIDMaker()}
		got, rejection := items.appendItem(nil, []byte(c.line))
		if rejection != nil {
			t.Fatal(rejection)
		}
		id := protocol.LineID([]byte(strings.TrimSpace(c.line)), 0)
		if text := strings.Replace(string(got), id, "ID", 1); text != c.want {
			t.Errorf("%s became %s, want %s", c.line, text, c.want)
		}
	}
}

func TestIDsDependOnContentAndOccurrenceOnly(t *testing.T) {
	ids := func(lines ...string) (out []string) {
		m := newIDMaker()
		for _, line := range lines {
			out = append(out, m.next([]byte(line)))
		}
		return out
	}
	a, b := ids("x", "y", "x"), ids("y", "x", "x")
	if a[0] != b[1] || a[1] != b[0] || a[2] != b[2] || a[0] == a[2] {
		t.Errorf("%v, %v", a, b)
	}
}

func TestIDsStayDistinctAndBoundedInLongFiles(t *testing.T) {
	m := newIDMaker()
	first := m.next([]byte("again and again"))
	for i := range blockSize {
		m.count(fmt.Appendf(nil, "line %d", i))
	}
	if second := m.next([]byte("again and again")); second == first {
		t.Error("two equal lines far apart have one id")
	}
	if len(m.counts) > blockSize {
		t.Errorf("%d counts are kept", len(m.counts))
	}
}

// An address could be found out from a hash of it by trying all addresses.
func TestIDsDoNotDependOnTheAddress(t *testing.T) {
	line := `%s - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 1 "-" "x"`
	view := `{"url":"/a","ip":%q,"title":"t"}`
	for name, make := range map[string]func(address string) []byte{
		"log": func(a string) []byte {
			out, _ := newLogItems(newIDMaker(), newVisitors(newSalt())).appendItem(nil, fmt.Appendf(nil, line, a))
			return out
		},
		"json": func(a string) []byte {
			out, _ := (&jsonItems{ids: newIDMaker()}).appendItem(nil, fmt.Appendf(nil, view, a))
			return out
		},
	} {
		if a, b := idOf(t, make("1.2.3.4")), idOf(t, make("4.3.2.1")); a != b || a == "" {
			t.Errorf("%s: %q and %q", name, a, b)
		}
	}
}

func idOf(t *testing.T, item []byte) string {
	t.Helper()
	var has struct{ ID string }
	if err := json.Unmarshal(item, &has); err != nil {
		t.Fatal(err)
	}
	return has.ID
}

// A resumed import passes over lines; the ids of later ones must be as if it
// had not.
func TestSkippedLinesCountForIDs(t *testing.T) {
	lines := []string{`{"type":"a"}`, `{"type":"a"}`, `{"type":"a","id":"mine"}`, `{"type":"a"}`}
	for done := range lines {
		whole, resumed := &jsonItems{ids: newIDMaker()}, &jsonItems{ids: newIDMaker()}
		for i, line := range lines {
			want, _ := whole.appendItem(nil, []byte(line))
			if i < done {
				resumed.skip([]byte(line))
				continue
			}
			if got, _ := resumed.appendItem(nil, []byte(line)); !bytes.Equal(got, want) {
				t.Errorf("resumed after %d lines: %s, want %s", done, got, want)
			}
		}
	}
}

func TestLinesAreCutWhereverBuffersEnd(t *testing.T) {
	long := strings.Repeat("x", 100)
	text := "a\r\n\n" + long + "\n" + strings.Repeat("y", 65) + "\nlast"
	l := &lineReader{in: bufio.NewReaderSize(strings.NewReader(text), 16), limit: 100}
	var got []string
	for {
		line, tooLong, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || tooLong {
			t.Fatal(err, tooLong)
		}
		got = append(got, string(line))
	}
	if want := strings.Split(strings.ReplaceAll(text, "\r", ""), "\n"); strings.Join(got, "|") != strings.Join(want, "|") || l.number != 5 {
		t.Errorf("%q, want %q", got, want)
	}
	l = &lineReader{in: bufio.NewReaderSize(strings.NewReader(long+"!\nok"), 16), limit: 100}
	if _, tooLong, err := l.next(); err != nil || !tooLong {
		t.Errorf("%v, %v: a line over the limit was not noticed", tooLong, err)
	}
	if line, tooLong, err := l.next(); string(line) != "ok" || tooLong || err != nil {
		t.Errorf("after it came %q, %v, %v", line, tooLong, err)
	}
}

// accepting takes everything, and notes the memory in use.
type accepting struct{ most uint64 }

func (a *accepting) Post(_ context.Context, _ producer.Kind, lines []byte, _ bool) (producer.Answer, error) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	a.most = max(a.most, m.HeapAlloc)
	return producer.Answer{Accepted: bytes.Count(lines, []byte("\n"))}, nil
}

// repeated is a text over and over.
type repeated struct {
	text []byte
	n    int
	rest []byte
}

func (r *repeated) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.n == 0 {
			return 0, io.EOF
		}
		r.n--
		r.rest = r.text
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	const lines = 200_000 // 40 MB
	text := []byte(`{"id":"0123456789abcdef","type":"post_viewed","user_id":"user-1","properties":{"x":"` + strings.Repeat("y", 100) + `"}}` + "\n")
	runtime.GC() // what other tests left is not ours
	poster := &accepting{}
	summary, err := Run(t.Context(), poster, Options{
		Path: "-", Stdin: &repeated{text: text, n: lines}, Requests: 1, StateDir: t.TempDir(), RejectsPath: t.TempDir() + "/rejects",
	})
	if err != nil || summary.Accepted != lines {
		t.Fatal(err, summary)
	}
	if limit := uint64(32 << 20); poster.most > limit {
		t.Errorf("%d bytes in use, want at most %d", poster.most, limit)
	}
}

func BenchmarkLogLine(b *testing.B) {
	line := []byte(`83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /images/kibana-search.png HTTP/1.1" 200 203023 "http://semicomplete.com/" "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1)"`)
	items := newLogItems(newIDMaker(), newVisitors(newSalt()))
	var out []byte
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		out, _ = items.appendItem(out[:0], line)
	}
}

func BenchmarkJSONLine(b *testing.B) {
	line := []byte(`{"type":"post_created","occurred_at":"2010-12-30T01:02:11Z","user_id":"79368723b8d1","user_role":"member","object_type":"post","object_id":"8a12f89aaacf","tags":["src"],"properties":{"files":"21"}}`)
	items := &jsonItems{ids: newIDMaker()}
	var out []byte
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		out, _ = items.appendItem(out[:0], line)
	}
}
