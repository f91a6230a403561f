package clickhouse_test

import (
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/event"
)

// openSalts returns the salts of an engine of the test's own.
func openSalts(t *testing.T) clickhouse.Salts {
	t.Helper()
	target := enginetest.Target(enginetest.StartOwn(t, nil))
	if _, err := migrator(t, target).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	return clickhouse.Salts{Conn: writer(t, target)}
}

func TestTheFirstSaltOfADayIsEverybodysAndIsGoneAfterIt(t *testing.T) {
	salts := openSalts(t)
	day, _ := event.ParseDay("2026-03-20")
	end := time.Date(2026, 3, 20, 22, 0, 0, 0, time.UTC)

	got := make([][32]byte, 16)
	var processes sync.WaitGroup
	for i := range got {
		processes.Go(func() {
			var err error
			if got[i], err = salts.SettleSalt(t.Context(), "Africa/Kigali", day, end, [32]byte{byte(i + 1), 31: byte(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	processes.Wait()
	for _, salt := range got {
		if salt != got[0] || salt == [32]byte{} {
			t.Errorf("processes disagree: %v", got)
		}
	}
	utc, err := salts.SettleSalt(t.Context(), "UTC", day, end.Add(2*time.Hour), [32]byte{99})
	if err != nil || utc != [32]byte{99} {
		t.Errorf("another zone: %v, %v", utc, err)
	}

	if err := salts.ForgetSalts(t.Context(), end.Add(-time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if again, err := salts.SettleSalt(t.Context(), "Africa/Kigali", day, end, [32]byte{42}); err != nil || again != got[0] {
		t.Errorf("before the end of the day: %v, %v", again, err)
	}
	if err := salts.ForgetSalts(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	if again, err := salts.SettleSalt(t.Context(), "Africa/Kigali", day, end, [32]byte{42}); err != nil || again != [32]byte{42} {
		t.Errorf("after the end of the day: %v, %v", again, err)
	}
	if again, err := salts.SettleSalt(t.Context(), "UTC", day, end.Add(2*time.Hour), [32]byte{1}); err != nil || again != [32]byte{99} {
		t.Errorf("where the day goes on: %v, %v", again, err)
	}
}

func TestAReaderWhoSeesSaltsIsNoticed(t *testing.T) {
	target := enginetest.Target(enginetest.StartOwn(t, nil))
	if _, err := migrator(t, target).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	careless := target
	careless.ReaderUser, careless.ReaderPassword = target.User, target.Password
	for name, c := range map[string]struct {
		target clickhouse.Target
		sees   bool
	}{"the reader": {target, false}, "a reader with all rights": {careless, true}} {
		reader, err := clickhouse.OpenReader(c.target, clickhouse.ReadLimits{}, prometheus.NewRegistry())
		if err != nil {
			t.Fatal(err)
		}
		if got := len(reader.SeesSecrets(t.Context())) > 0; got != c.sees {
			t.Errorf("%s sees the salts: %t", name, got)
		}
		_ = reader.Close()
	}
}

// What is dropped is not only hidden: no file of it is left.
func TestForgottenSaltsLeaveNoFiles(t *testing.T) {
	salts := openSalts(t)
	day, _ := event.ParseDay("2026-03-20")
	end := day.Time().Add(24 * time.Hour)
	if _, err := salts.SettleSalt(t.Context(), "UTC", day, end, [32]byte{1}); err != nil {
		t.Fatal(err)
	}
	parts := func() (n uint64) {
		if err := salts.Conn.QueryRow(t.Context(), "SELECT count() FROM system.parts WHERE database = currentDatabase() AND table = 'visitor_salts' AND rows > 0").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if parts() == 0 {
		t.Fatal("there is no part to be dropped")
	}
	if err := salts.ForgetSalts(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); parts() > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d parts are left a minute after they were dropped", parts())
		}
	}
}
