package fetch_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ibarura/internal/export"
	"ibarura/internal/export/fetch"
)

// rows is a server with so many rows, a number each. The cursor is the number of
// rows before. spoil may break an answer off, or change it.
type rows struct {
	*httptest.Server
	all    int
	asked  atomic.Int64
	answer func(n int64, w http.ResponseWriter, body string, trailers map[string]string) bool // true: as it should be
}

func serve(t *testing.T, all int) *rows {
	t.Helper()
	s := &rows{all: all}
	s.Server = httptest.NewServer(http.HandlerFunc(s.handle))
	t.Cleanup(s.Close)
	return s
}

func (s *rows) handle(w http.ResponseWriter, r *http.Request) {
	n := s.asked.Add(1)
	query := r.URL.Query()
	first, _ := strconv.Atoi(query.Get("cursor"))
	last := s.all
	if limit, err := strconv.Atoi(query.Get("limit")); err == nil {
		last = min(last, first+limit)
	}
	var body strings.Builder
	if query.Get("format") == "csv" && query.Get("header") != "false" {
		body.WriteString("number\r\n")
	}
	for i := first; i < last; i++ {
		fmt.Fprintf(&body, "%d\n", i)
	}
	sum := sha256.Sum256([]byte(body.String()))
	trailers := map[string]string{
		"Export-Rows": strconv.Itoa(last - first), "Export-Bytes": strconv.Itoa(body.Len()), "Export-Sha256": hex.EncodeToString(sum[:]),
		"Export-Cursor": strconv.Itoa(last), "Export-Complete": strconv.FormatBool(last == s.all && query.Get("limit") == "" || last-first < limitOf(query)),
		"Export-First": "2026-01-01T00:00:00Z", "Export-Last": "2026-01-01T00:00:00.5Z", "Export-From": query.Get("from"), "Export-To": query.Get("to"),
	}
	for name := range trailers {
		w.Header().Add("Trailer", name)
	}
	if r.Header.Get("TE") != "trailers" || s.answer != nil && !s.answer(n, w, body.String(), trailers) {
		return
	}
	_, _ = w.Write([]byte(body.String()))
	for name, value := range trailers {
		w.Header().Set(name, value)
	}
}

func limitOf(query url.Values) int {
	limit, _ := strconv.Atoi(query.Get("limit"))
	return limit
}

func (s *rows) options(t *testing.T) fetch.Options {
	t.Helper()
	return fetch.Options{
		URL: s.URL, Key: "k", Kind: "events", Format: export.NDJSON, Query: url.Values{"from": {"2026-01-01"}, "to": {"2026-02-01"}},
		Part: 10, Out: filepath.Join(t.TempDir(), "rows"), RetryFor: 5 * time.Second,
	}
}

// whole fails the test unless the file has the rows from first on, and its
// manifest says so, and nothing is left beside them.
func whole(t *testing.T, o fetch.Options, first, last int, header string) {
	t.Helper()
	var want strings.Builder
	want.WriteString(header)
	for i := first; i < last; i++ {
		fmt.Fprintf(&want, "%d\n", i)
	}
	text, err := os.ReadFile(o.Out)
	if err != nil || string(text) != want.String() {
		t.Fatalf("the file has %q (%v), want %q", text, err, want.String())
	}
	var m export.Manifest
	manifest, err := os.ReadFile(o.Out + ".manifest.json")
	if err == nil {
		err = json.Unmarshal(manifest, &m)
	}
	sum := sha256.Sum256(text)
	if err != nil || m.SHA256 != hex.EncodeToString(sum[:]) || m.Rows != uint64(last-first) || m.Bytes != uint64(len(text)) {
		t.Errorf("the manifest says %s (%v)", manifest, err)
	}
	if left, _ := filepath.Glob(o.Out + ".part*"); len(left) > 0 {
		t.Errorf("%q are left", left)
	}
}

func TestAnExportOfManyPartsIsOneFile(t *testing.T) {
	for _, all := range []int{0, 1, 9, 10, 11, 95} {
		s := serve(t, all)
		o := s.options(t)
		m, err := fetch.Run(t.Context(), o)
		if err != nil || !m.Complete || m.Rows != uint64(all) {
			t.Fatalf("%d rows: %v, %+v", all, err, m)
		}
		whole(t, o, 0, all, "")
	}
}

func TestTheHeaderOfCSVIsThereOnce(t *testing.T) {
	s := serve(t, 25)
	o := s.options(t)
	o.Format = export.CSV
	if _, err := fetch.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	whole(t, o, 0, 25, "number\r\n")
}

func TestALimitEndsItAndACursorGoesOn(t *testing.T) {
	s := serve(t, 50)
	o := s.options(t)
	o.Limit = 25
	m, err := fetch.Run(t.Context(), o)
	if err != nil || m.Complete || m.Cursor != "25" {
		t.Fatalf("%v, %+v", err, m)
	}
	whole(t, o, 0, 25, "")
	o.Limit, o.Cursor, o.Out = 0, m.Cursor, o.Out+"2"
	if _, err := fetch.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	whole(t, o, 25, 50, "")
}

// What breaks off, or is not what its manifest says, is asked for again.
func TestABrokenPartIsAskedForAgain(t *testing.T) {
	for name, spoil := range map[string]func(w http.ResponseWriter, body string, trailers map[string]string) bool{
		"it breaks off": func(w http.ResponseWriter, body string, _ map[string]string) bool {
			_, _ = w.Write([]byte(body[:len(body)/2]))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"the checksum is another": func(_ http.ResponseWriter, _ string, trailers map[string]string) bool {
			trailers["Export-Sha256"] = "00"
			return true
		},
		"a byte is missing": func(w http.ResponseWriter, body string, trailers map[string]string) bool {
			_, _ = w.Write([]byte(body[1:]))
			for name, value := range trailers {
				w.Header().Set(name, value)
			}
			return false
		},
		"the server has too much to do": func(w http.ResponseWriter, _ string, _ map[string]string) bool {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, 45)
			s.answer = func(n int64, w http.ResponseWriter, body string, trailers map[string]string) bool {
				return n%2 == 0 || spoil(w, body, trailers)
			}
			o := s.options(t)
			if m, err := fetch.Run(t.Context(), o); err != nil || m.Rows != 45 {
				t.Fatalf("%v, %+v", err, m)
			}
			whole(t, o, 0, 45, "")
		})
	}
}

func TestAnInterruptedExportGoesOnBehindItsLastWholePart(t *testing.T) {
	s := serve(t, 45)
	s.answer = func(n int64, w http.ResponseWriter, body string, _ map[string]string) bool {
		if n != 3 {
			return true
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"code":"forbidden","detail":"this key has not the scope for it"}`))
		return false
	}
	o := s.options(t)
	m, err := fetch.Run(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "forbidden") || m.Rows != 20 {
		t.Fatalf("%v, %+v", err, m)
	}
	if _, err := os.Stat(o.Out); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the file is there: %v", err)
	}
	torn, err := os.OpenFile(o.Out+".part", os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = torn.WriteString("20\n2") // as a crash in the middle of a part leaves it
	if err = errors.Join(err, torn.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := fetch.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	whole(t, o, 0, 45, "")
	if n := s.asked.Load(); n != 6 {
		t.Errorf("%d parts were asked for, want 6: the first two once", n)
	}
}

func TestAPartThatIsNotTheExportsOwnIsLeftAlone(t *testing.T) {
	for name, spoil := range map[string]func(o *fetch.Options){
		"another range":  func(o *fetch.Options) { o.Query = url.Values{"from": {"2026-01-02"}, "to": {"2026-02-01"}} },
		"another format": func(o *fetch.Options) { o.Format = export.CSV },
		"a changed byte": func(o *fetch.Options) {
			text, _ := os.ReadFile(o.Out + ".part")
			text[0] = 'x'
			_ = os.WriteFile(o.Out+".part", text, 0o600)
		},
		"a cut file": func(o *fetch.Options) { _ = os.Truncate(o.Out+".part", 3) },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, 45)
			s.answer = func(n int64, w http.ResponseWriter, _ string, _ map[string]string) bool {
				if n > 2 {
					w.WriteHeader(http.StatusForbidden)
				}
				return n <= 2
			}
			o := s.options(t)
			if _, err := fetch.Run(t.Context(), o); err == nil {
				t.Fatal("it ended well")
			}
			spoil(&o)
			if _, err := fetch.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "begin anew") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestMissingTrailersAreNoEnd(t *testing.T) {
	s := serve(t, 5)
	s.answer = func(_ int64, w http.ResponseWriter, body string, _ map[string]string) bool {
		_, _ = w.Write([]byte(body))
		return false
	}
	if _, err := fetch.Run(t.Context(), s.options(t)); err == nil || !strings.Contains(err.Error(), "trailers") {
		t.Errorf("%v", err)
	}
}

func TestAParquetFileThatTheServerEndsEarlySaysSo(t *testing.T) {
	s := serve(t, 20)
	s.answer = func(_ int64, _ http.ResponseWriter, _ string, trailers map[string]string) bool {
		trailers["Export-Complete"] = "false"
		return true
	}
	o := s.options(t)
	o.Format = export.Parquet
	if m, err := fetch.Run(t.Context(), o); !errors.Is(err, fetch.ErrPartial) || m.Cursor != "20" {
		t.Errorf("%v, %+v", err, m)
	}
	whole(t, o, 0, 20, "")
}
