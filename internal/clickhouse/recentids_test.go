package clickhouse_test

import (
	"testing"
	"time"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/faulttest"
)

// A start that reads millions of ids must not end at one lost connection.
func TestRecentIDsAreReadOnceClickHouseAnswersAgain(t *testing.T) {
	target := enginetest.Migrated(t)
	proxy, err := faulttest.NewProxy(target.Addr[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	target.Addr = []string{proxy.Addr()}
	conn, err := clickhouse.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	proxy.Refuse()
	proxy.CutNow()
	began := time.Now()
	admitted := time.AfterFunc(300*time.Millisecond, proxy.Admit)
	err = clickhouse.History{Conn: conn}.RecentIDs(t.Context(), time.Now().Add(-time.Hour), 10, "^$", func(_, _, _ string, _ time.Time) {})
	if err != nil || !admitted.Stop() && time.Since(began) < 300*time.Millisecond {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}

func TestRecentIDsDoNotWaitForWhatClickHouseRefuses(t *testing.T) {
	target := enginetest.Migrated(t)
	conn, err := clickhouse.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	began := time.Now()
	err = clickhouse.History{Conn: conn}.RecentIDs(t.Context(), began, -1, "^$", func(_, _, _ string, _ time.Time) {})
	if _, refused := clickhouse.CodeOf(err); !refused {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}
