package clickhouse

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

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

// answering is a server that gives its version and nothing else.
type answering string

func (a answering) QueryRow(context.Context, string, ...any) driver.Row { return versionRow(a) }

type versionRow string

func (v versionRow) Scan(dest ...any) error { *dest[0].(*string) = string(v); return nil }
func (v versionRow) ScanStruct(any) error   { return nil }
func (v versionRow) Err() error             { return nil }

func TestAnOldServerIsRefusedWithBothVersions(t *testing.T) {
	_, err := CheckVersion(context.Background(), answering("24.3.1.1"))
	if !errors.Is(err, ErrOldServer) || !strings.Contains(err.Error(), "24.3.1.1") || !strings.Contains(err.Error(), MinVersion) {
		t.Errorf("a server of 24.3: %v", err)
	}
	if version, err := CheckVersion(context.Background(), answering("25.8.3.66")); err != nil || version != "25.8.3.66" {
		t.Errorf("a server of 25.8: %q, %v", version, err)
	}
}
