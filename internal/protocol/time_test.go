package protocol

import (
	"testing"
	"time"

	"ibarura/internal/event"
)

var writtenTimes = []string{
	"2026-05-01T12:00:00Z", "2026-05-01T12:00:00.1Z", "2026-05-01T12:00:00.123456789+05:45", "2026-05-01T12:00:00-03:30",
	"2024-02-29T23:59:59.9999Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
	"2026-05-01T12:00:00,5Z", "2026-05-01T2:00:00Z", "2026-05-01T12:00:00+24:00", "2026-05-01T12:00:00.12345678901234567890Z",
	"2025-02-29T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
	"2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "2026-01-01 00:00:00Z",
	"2026-01-01t00:00:00z", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00Z ", "", "Z", "²026-01-01T00:00:00Z",
}

func checkTime(t *testing.T, s string) {
	t.Helper()
	want, err := time.Parse(time.RFC3339, s)
	got, ok := ParseTime(s)
	if ok != (err == nil) || (ok && got != event.MillisOf(want)) {
		t.Fatalf("ParseTime(%q) = %d, %v; time.Parse says %v, %v", s, got, ok, want, err)
	}
}

func TestParseTimeAgreesWithTheStandardLibrary(t *testing.T) {
	for _, s := range writtenTimes {
		checkTime(t, s)
	}
}

func FuzzParseTimeAgreesWithTheStandardLibrary(f *testing.F) {
	for _, s := range writtenTimes {
		f.Add(s)
	}
	f.Fuzz(checkTime)
}
