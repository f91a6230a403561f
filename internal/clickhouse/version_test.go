package clickhouse

import "testing"

func TestVersionsCompareByNumber(t *testing.T) {
	for _, c := range []struct {
		version string
		old     bool
	}{
		{"18.16.1", true}, {"24.12.3.47", true}, {"25.7.9.1", true}, {"25.8.1.5101", false}, {"25.10.1.1", false},
		{"26.7.2.1", false}, {"25", true}, {"", true}, {"nonsense", true},
	} {
		if got := olderThan(c.version, MinVersion); got != c.old {
			t.Errorf("%q older than %s: %v, want %v", c.version, MinVersion, got, c.old)
		}
	}
}
