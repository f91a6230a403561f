package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ibarura/internal/spool"
)

// spooled makes a spool in a data folder, with three records in two units, and
// leaves it open until the end of the test.
func spooled(t *testing.T) (dataDir string, s *spool.Spool) {
	t.Helper()
	dataDir = t.TempDir()
	s, err := spool.Open(t.Context(), spool.Options{Dir: filepath.Join(dataDir, "spool"), SegmentBytes: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	for _, unit := range [][]spool.Record{
		{{Table: 1, Month: 674, Rows: 20, Data: bytes.Repeat([]byte("a"), 200)}},
		{{Table: 1, Month: 674, Rows: 30, Data: bytes.Repeat([]byte("b"), 200)}, {Table: 2, Month: 675, Rows: 4, Data: []byte("c")}},
	} {
		ticket, err := s.Append(t.Context(), unit)
		if err == nil {
			err = ticket.Wait(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dataDir, s
}

func TestSpoolInspectSaysWhatIsInTheSpoolWhileItIsOpen(t *testing.T) {
	t.Parallel()
	dataDir, s := spooled(t)
	out := ibarura(t, "spool", "inspect", "--data-dir", dataDir)
	for _, want := range []string{
		`^spool ` + s.IDString() + `, number \d+, format 1\n`,
		`\npositions 0 to 728, 1 segments, 64KiB on disk\n`,
		`\n3 records with 54 rows in 2 groups, written from \S+Z to \S+Z\n`,
		`\n +00000000000000000000.seg +0 +728 +65536 +2 +3 +54 +0 +\S+Z\n`,
		`\n +1 +2026-03 +2 +50 +400 +400\n`,
		`\n +2 +2026-04 +1 +4 +1 +1\n`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("inspect printed no %s in\n%s", want, out)
		}
	}
	records := ibarura(t, "spool", "inspect", "--records", filepath.Join(dataDir, "spool"))
	if n := strings.Count(records, " month 2026-"); n != 3 || !strings.HasPrefix(records, "0-264 table 1 month 2026-03 rows 20 seq ") {
		t.Errorf("inspect --records lists %d records:\n%s", n, records)
	}
}

func TestSpoolInspectWritesJSON(t *testing.T) {
	t.Parallel()
	dataDir, _ := spooled(t)
	lines := strings.Split(strings.TrimSpace(ibarura(t, "spool", "inspect", "--json", "--records", "--data-dir", dataDir)), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines for three records and a report", len(lines))
	}
	var record spool.RecordReport
	if err := json.Unmarshal([]byte(lines[1]), &record); err != nil || record.Rows != 30 || record.Month != "2026-03" || record.At != 328 {
		t.Errorf("the second record is %+v: %v", record, err)
	}
	var report spool.Report
	if err := json.Unmarshal([]byte(lines[3]), &report); err != nil || report.Rows != 54 || len(report.Segments) != 1 || report.Corrupt == nil {
		t.Errorf("the report is %s: %v", lines[3], err)
	}
}

func TestSpoolInspectEndsWithStatus1IfAnythingIsDamaged(t *testing.T) {
	t.Parallel()
	dataDir, s := spooled(t)
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dataDir, "spool", "00000000000000000000.seg")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[4096+100] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, err := tryIbarura(t, "spool", "inspect", "--data-dir", dataDir)
	if err == nil || err.Error() != "exit status 1" {
		t.Errorf("a damaged spool: %v", err)
	}
	if want := "264 bytes are damaged:\n  00000000000000000000.seg from 0 to 264\n"; !strings.Contains(out, want) || !strings.Contains(out, "2 records with 34 rows") {
		t.Errorf("inspect printed no %q in\n%s", want, out)
	}
}

func TestSpoolInspectSaysThatThereIsNone(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "absent")} {
		if _, errOut, err := tryIbarura(t, "spool", "inspect", dir); err == nil || !strings.HasPrefix(errOut, "ibarura: spool inspect: ") {
			t.Errorf("%v: %s", err, errOut)
		}
	}
}
