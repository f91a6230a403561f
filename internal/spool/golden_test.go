package spool_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ibarura/internal/spool"
)

var update = flag.Bool("update", false, "write the golden log and its listing anew")

// golden is a log of three segments, of which the newest was not closed; its
// reserved end is left out. It is written by -update only: later versions must
// read what this one wrote.
const golden = "testdata/v1"

// goldenUnits are the units in it, a list for each segment.
func goldenUnits() [][][]spool.Record {
	repeated := func(text string, n int) []byte { return []byte(strings.Repeat(text, n)) }
	return [][][]spool.Record{
		{
			{{Table: 1, Month: 600, Rows: 3, Data: []byte("one unit, three rows")}},
			{{Table: 2, Month: 601, Rows: 1, Data: repeated("long and packed ", 100)}, {Table: 1, Month: -1, Rows: 7, Data: []byte("x")}},
		},
		{
			{{Table: 255, Month: 675, Rows: 1 << 20, Data: repeated("IFRM", 64)}},
			{{Table: 0, Month: 675, Rows: 2, Data: repeated("\x00\xff", 300)}},
			{{Table: 1, Month: 675, Rows: 1, Data: []byte("a")}, {Table: 1, Month: 676, Rows: 1, Data: []byte("b")}},
		},
		{
			{{Table: 1, Month: 676, Rows: 5, Data: repeated("newest ", 30)}},
			{{Table: 2, Month: 676, Rows: 1, Data: []byte("first of the last group")}, {Table: 1, Month: 676, Rows: 4, Data: repeated("second ", 90)}},
		},
	}
}

// writeGolden writes the log.
func writeGolden(t *testing.T) {
	if err := os.RemoveAll(golden); err != nil {
		t.Fatal(err)
	}
	units := goldenUnits()
	for i := range units {
		s, err := spool.Open(t.Context(), spool.Options{Dir: golden, SegmentBytes: 64 << 10, Compression: spool.S2})
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range units[i] {
			ticket, err := s.Append(t.Context(), u)
			if err != nil || ticket.Wait(t.Context()) != nil {
				t.Fatal(err)
			}
		}
		if i < len(units)-1 {
			closed(t, s)
			continue
		}
		cutGolden(t)
		closed(t, s)
	}
	files, _ := filepath.Glob(golden + "/*.keep")
	for _, file := range files {
		if err := os.Rename(file, strings.TrimSuffix(file, ".keep")); err != nil {
			t.Fatal(err)
		}
	}
	_ = os.Remove(golden + "/lock")
}

// cutGolden keeps the newest segment as it is before it is closed, without the
// zeros at its end.
func cutGolden(t *testing.T) {
	files, err := filepath.Glob(golden + "/*.seg")
	if err != nil {
		t.Fatal(err)
	}
	newest := files[len(files)-1]
	data, err := os.ReadFile(newest)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(newest+".keep", bytes.TrimRight(data, "\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// goldenFiles returns the files of the log, by name, the newest with its
// reserved end.
func goldenFiles(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(golden + "/*.seg")
	if err != nil || len(paths) != 3 {
		t.Fatalf("%d golden segments: %v", len(paths), err)
	}
	files := map[string][]byte{}
	for i, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if i == len(paths)-1 {
			data = append(data, make([]byte, 64<<10-len(data))...)
		}
		files[filepath.Base(path)] = data
	}
	return files
}

// unfold writes files into a new folder.
func unfold(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// listing writes all entries from a position on, as text.
func listing(t testing.TB, s *spool.Spool) string {
	t.Helper()
	var out strings.Builder
	if _, err := s.Read(0, func(e spool.Entry) bool {
		_, _ = fmt.Fprintf(&out, "%d-%d table %d month %d rows %d seq %d written %d: %d bytes %.40q\n",
			e.At, e.End, e.Table, e.Month, e.Rows, e.Seq, e.Written.UnixMilli(), len(e.Data), e.Data)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestFormatOfVersion1IsReadAsItWasWritten(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	s := opened(t, spool.Options{Dir: unfold(t, goldenFiles(t)), SegmentBytes: 64 << 10})
	got := fmt.Sprintf("spool %s number %d\n%s", s.IDString(), s.Number(), listing(t, s))
	if *update {
		if err := os.WriteFile(golden+"/listing.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden + "/listing.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("read\n%s\nwant\n%s", got, want)
	}
	i := 0
	all := goldenRecords()
	if _, err := s.Read(0, func(e spool.Entry) bool {
		if r := all[i]; !bytes.Equal(r.Data, e.Data) || r.Table != e.Table || r.Month != e.Month || r.Rows != e.Rows {
			t.Errorf("record %d came back as another", i)
		}
		i++
		return true
	}); err != nil || i != len(all) {
		t.Errorf("%d of %d records: %v", i, len(all), err)
	}
}

func goldenRecords() []spool.Record {
	var all []spool.Record
	for _, segment := range goldenUnits() {
		for _, unit := range segment {
			all = append(all, unit...)
		}
	}
	return all
}

func TestInspectFindsWhatIsInTheLogWithoutChangingIt(t *testing.T) {
	files := goldenFiles(t)
	dir := unfold(t, files)
	var records int
	r, err := spool.Inspect(context.Background(), nil, dir, func(spool.RecordReport) error { records++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(len(goldenRecords())); r.Records != n || int64(records) != n || r.Groups != 7 || r.CorruptAll != 0 || r.TailBytes != 0 {
		t.Errorf("inspected %+v, want %d records in 7 groups", r, n)
	}
	for name, data := range files {
		if now, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(now, data) {
			t.Errorf("%s was changed: %v", name, err)
		}
	}
}
