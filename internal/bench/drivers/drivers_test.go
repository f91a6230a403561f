package main

import (
	"testing"

	"ibarura/internal/bench/server"
	"ibarura/internal/enginetest"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

func TestBothDriversWriteTheSameRows(t *testing.T) {
	target := enginetest.Migrated(t)
	engine := enginetest.Start(t)
	rows, err := makeRows(1000)
	if err != nil {
		t.Fatal(err)
	}
	drivers, err := open(t.Context(), &server.Engine{Native: target.Addr[0], Login: engine.Credentials().Writer})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := closeAll(drivers); err != nil {
			t.Error(err)
		}
	}()
	conn := enginetest.Open(t, engine, engine.Credentials().Writer)
	var sums [2]string
	for i, d := range drivers {
		for _, statement := range []string{"CREATE DATABASE IF NOT EXISTS bench", "CREATE OR REPLACE TABLE bench.same AS ibarura.events"} {
			if err := conn.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		for seq := range uint64(2) { // what is left of a block must not come back in the next
			if err := d.insert(t.Context(), "bench.same", rows, seq); err != nil {
				t.Fatal(d.name(), err)
			}
		}
		question := "SELECT concat(toString(count()), ' ', toString(sum(cityHash64(*)))) FROM bench.same"
		if err := conn.QueryRow(t.Context(), question).Scan(&sums[i]); err != nil {
			t.Fatal(err)
		}
	}
	if sums[0] != sums[1] {
		t.Errorf("%s wrote %s, %s %s", drivers[0].name(), sums[0], drivers[1].name(), sums[1])
	}
}
