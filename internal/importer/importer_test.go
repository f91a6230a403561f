package importer_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"ibarura/internal/importer"
	"ibarura/internal/producer"
)

const (
	community = "../../testdata/community.ndjson.gz"
	accessLog = "../../testdata/access.log.gz"
)

// options are those of an import whose state and rejects are in a folder of
// their own.
func options(t *testing.T, path string) importer.Options {
	t.Helper()
	dir := t.TempDir()
	return importer.Options{Path: path, StateDir: filepath.Join(dir, "state"), RejectsPath: filepath.Join(dir, "rejects"), Target: "here"}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

type counts struct{ Lines, Accepted, Duplicates, Rejected int }

func countsOf(s importer.Summary) counts {
	return counts{s.Lines, s.Accepted, s.Duplicates, s.Rejected}
}

func mustRun(t *testing.T, s *server, o importer.Options, want counts) importer.Summary {
	t.Helper()
	summary, err := importer.Run(t.Context(), s.client(t), o)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, countsOf(summary)); d != "" {
		t.Error(d)
	}
	return summary
}

// isEmpty fails if there is a file left in dir.
func isEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range left {
		t.Errorf("%s is left", entry.Name())
	}
}

func TestCommunityFileArrivesWholeAndOnce(t *testing.T) {
	s, o := newServer(t), options(t, community)
	mustRun(t, s, o, counts{Lines: 10548, Accepted: 10548})
	mustRun(t, s, o, counts{Lines: 10548, Duplicates: 10548})
	if len(s.events) != 10548 {
		t.Errorf("%d events are there", len(s.events))
	}
	isEmpty(t, o.StateDir)
	if _, err := os.Stat(o.RejectsPath); err == nil {
		t.Error("an empty list of rejects is left")
	}
}

func TestAccessLogBecomesPageViewsOnce(t *testing.T) {
	s, o := newServer(t), options(t, accessLog)
	mustRun(t, s, o, counts{Lines: 10000, Accepted: 10000})
	mustRun(t, s, o, counts{Lines: 10000, Duplicates: 10000})
	people, visitors := map[string]bool{}, map[string]bool{}
	for _, p := range s.pageViews {
		people[p.IP+"\x00"+p.UserAgent] = true
		visitors[p.AnonymousID] = true
		if len(p.Properties) != 3 || p.OccurredAt == 0 || p.URL == "" {
			t.Fatalf("%+v", p)
		}
	}
	if len(visitors) != len(people) {
		t.Errorf("%d visitors of %d pairs of address and agent", len(visitors), len(people))
	}
}

func TestVisitorsOfTwoImportsCannotBeTiedTogether(t *testing.T) {
	line := `1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET /%s HTTP/1.1" 200 1 "-" "agent"` + "\n"
	var ids []string
	for _, page := range []string{"a", "b"} {
		s := newServer(t)
		mustRun(t, s, options(t, write(t, strings.Replace(line, "%s", page, 1))), counts{Lines: 1, Accepted: 1})
		ids = append(ids, s.pageViews[0].AnonymousID)
	}
	if ids[0] == ids[1] || strings.Contains(ids[0], "1.2.3.4") {
		t.Errorf("ids %v", ids)
	}
}

func TestEqualLinesStayTwo(t *testing.T) {
	s, o := newServer(t), options(t, write(t, strings.Repeat(`{"type":"click"}`+"\n", 5)+`{"type":"other"}`+"\n"))
	mustRun(t, s, o, counts{Lines: 6, Accepted: 6})
	mustRun(t, s, o, counts{Lines: 6, Duplicates: 6})
}

func TestRejectsAreListedByTheFilesLines(t *testing.T) {
	text := "\uFEFF{\"type\":\"a\"}\r\n" + // 1
		"\n" + // 2
		"not json\n" + // 3
		"{\"type\":\"b\",\"id\":null}\n" + // 4
		"   \n" + // 5
		"{\"type\":\"c\"," + strings.Repeat(" ", 1<<20) + "\"id\":\"x\"}\n" + // 6, too long
		"{\"type\":\"!\"}\n" + // 7
		"{\"typ\":\"d\"}\n" + // 8
		"{\"type\":\"e\"}" // 9
	s, o := newServer(t), options(t, write(t, text))
	o.BatchLines, o.Requests = 2, 3
	var told []int
	o.OnReject = func(r importer.Reject) { told = append(told, r.Line) }
	summary := mustRun(t, s, o, counts{Lines: 9, Accepted: 3, Rejected: 4})
	list, err := os.ReadFile(summary.RejectsPath)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int{3, 6, 7, 8}, told); d != "" {
		t.Error(d)
	}
	for i, want := range []string{`"line":3,"code":"invalid_json"`, `"line":6,"code":"item_too_large"`, `"line":7,"code":"type_invalid","field":"type"`, `"line":8,"code":"unknown_field"`} {
		if line := strings.Split(string(list), "\n")[i]; !strings.Contains(line, want) {
			t.Errorf("line %d of the list is %s, want %s in it", i+1, line, want)
		}
	}
}

func TestFormatsAndCompressions(t *testing.T) {
	events := "\n{\"type\":\"a\"}\n{\"type\":\"b\",\"properties\":{\"url\":\"x\"}}\n"
	views := `{"url":"/a","properties":{"type":"x"}}` + "\n"
	log := "broken line\n" + `::1 - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 1 "-" "x"` + "\n"
	gzipped, zstandard := bytes.Buffer{}, bytes.Buffer{}
	z := gzip.NewWriter(&gzipped)
	_, _ = io.WriteString(z, events)
	_ = z.Close()
	z2, _ := zstd.NewWriter(&zstandard)
	_, _ = io.WriteString(z2, log)
	_ = z2.Close()
	cases := map[string]struct {
		text   string
		format importer.Format
		kind   producer.Kind
		want   counts
	}{
		"events":             {events, importer.FormatNDJSON, producer.Events, counts{3, 2, 0, 0}},
		"events, gzip":       {gzipped.String(), importer.FormatNDJSON, producer.Events, counts{3, 2, 0, 0}},
		"page views":         {views, importer.FormatNDJSON, producer.PageViews, counts{1, 1, 0, 0}},
		"access log":         {log, importer.FormatLog, producer.PageViews, counts{2, 1, 0, 1}},
		"access log, zstd":   {zstandard.String(), importer.FormatLog, producer.PageViews, counts{2, 1, 0, 1}},
		"nothing":            {"", importer.FormatNDJSON, producer.Events, counts{}},
		"nothing but blanks": {"\n \n", importer.FormatNDJSON, producer.Events, counts{2, 0, 0, 0}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			summary := mustRun(t, newServer(t), options(t, write(t, c.text)), c.want)
			if summary.Format != c.format || summary.Kind != c.kind {
				t.Errorf("taken for %s of %s", summary.Format, summary.Kind)
			}
			o := options(t, "-")
			o.Stdin = strings.NewReader(c.text)
			mustRun(t, newServer(t), o, c.want)
		})
	}
}

func TestFilesThatCannotBeImportedAreRefused(t *testing.T) {
	s := newServer(t)
	for name, c := range map[string]struct {
		path   string
		change func(*importer.Options)
	}{
		"no such file":              {"nowhere", nil},
		"a folder":                  {t.TempDir(), nil},
		"neither JSON nor a log":    {write(t, "id,type\n1,a\n"), nil},
		"a log as events":           {accessLog, func(o *importer.Options) { o.Kind = producer.Events }},
		"rejects in the file":       {write(t, `{"type":"a"}`), func(o *importer.Options) { o.RejectsPath = o.Path }},
		"rejects in no such folder": {write(t, `{"type":"a"}`), func(o *importer.Options) { o.RejectsPath = "no/such/folder" }},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, c.path)
			if c.change != nil {
				c.change(&o)
			}
			if _, err := importer.Run(t.Context(), s.client(t), o); err == nil {
				t.Error("imported")
			}
		})
	}
	if s.requests > 0 {
		t.Errorf("%d requests were sent", s.requests)
	}
}

func TestOnlyTheLastRequestWaitsAndComesAlone(t *testing.T) {
	s, o := newServer(t), options(t, community)
	s.before(func(int) int { time.Sleep(2 * time.Millisecond); return 0 })
	mustRun(t, s, o, counts{Lines: 10548, Accepted: 10548})
	if s.overlap {
		t.Error("the last request came while others were under way")
	}
	for i, wait := range s.waits {
		if wait != (i == len(s.waits)-1) {
			t.Errorf("request %d of %d: wait=%v", i+1, len(s.waits), wait)
		}
	}
}

// Blank lines and lines rejected on this side leave the last batch without an
// item; it still has to wait for the others.
func TestLastRequestWaitsEvenIfItIsEmpty(t *testing.T) {
	s, o := newServer(t), options(t, write(t, "{\"type\":\"a\"}\n\n\n"))
	o.BatchLines = 1
	mustRun(t, s, o, counts{Lines: 3, Accepted: 1})
	if n := len(s.waits); n == 0 || !s.waits[n-1] {
		t.Errorf("waits: %v", s.waits)
	}
}

func TestEveryRequestWaitsOnDemand(t *testing.T) {
	s, o := newServer(t), options(t, community)
	o.Wait = true
	mustRun(t, s, o, counts{Lines: 10548, Accepted: 10548})
	for _, wait := range s.waits {
		if !wait {
			t.Fatal("a request did not wait")
		}
	}
}

func TestServerThatIsDownForAMomentLosesNothing(t *testing.T) {
	s, o := newServer(t), options(t, community)
	s.before(func(n int) int {
		if n%3 == 1 {
			return 503
		}
		return 0
	})
	mustRun(t, s, o, counts{Lines: 10548, Accepted: 10548})
}

func TestRefusedKeyEndsTheImportAndKeepsItsPlace(t *testing.T) {
	s, o := newServer(t), options(t, community)
	s.before(func(n int) int {
		if n >= 5 {
			return 401
		}
		return 0
	})
	o.Requests = 1
	summary, err := importer.Run(t.Context(), s.client(t), o)
	var answer *producer.Error
	if !errors.As(err, &answer) || answer.Status != 401 || summary.Lines != 5000 {
		t.Fatalf("%v after %d lines", err, summary.Lines)
	}
	s.before(nil)
	if again := mustRun(t, s, o, counts{Lines: 10548, Accepted: 10548}); again.ResumedFrom != 5000 {
		t.Errorf("resumed from line %d", again.ResumedFrom)
	}
}

func TestTruncatedFileIsAnErrorAfterItsWholeLines(t *testing.T) {
	whole, err := os.ReadFile(community)
	if err != nil {
		t.Fatal(err)
	}
	s, o := newServer(t), options(t, write(t, string(whole[:len(whole)/2])))
	summary, err := importer.Run(t.Context(), s.client(t), o)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v", err)
	}
	if summary.Rejected > 0 || summary.Accepted < 4000 || summary.Accepted != summary.Lines || len(s.events) != summary.Accepted {
		t.Errorf("%+v, %d events", summary, len(s.events))
	}
}

func TestTwoImportsOfOneFileAtOnceAreRefused(t *testing.T) {
	s, o := newServer(t), options(t, community)
	o.Requests = 1
	reached, done := make(chan struct{}), make(chan struct{})
	s.before(func(n int) int {
		if n == 0 {
			close(reached)
			<-done
		}
		return 0
	})
	first := make(chan error, 1)
	go func() {
		_, err := importer.Run(context.WithoutCancel(t.Context()), s.client(t), o)
		first <- err
	}()
	<-reached
	second := o
	second.RejectsPath += "2"
	if _, err := importer.Run(t.Context(), s.client(t), second); !errors.Is(err, importer.ErrBusy) {
		t.Errorf("got %v", err)
	}
	close(done)
	if err := <-first; err != nil {
		t.Error(err)
	}
}
