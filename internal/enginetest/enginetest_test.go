package enginetest_test

import (
	"testing"

	"ibarura/internal/enginetest"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

func TestSharedEngineAnswersTheWriter(t *testing.T) {
	engine := enginetest.Start(t)
	conn := enginetest.Open(t, engine, engine.Credentials().Writer)
	var sum uint64
	if err := conn.QueryRow(t.Context(), "SELECT sum(number) FROM numbers(10)").Scan(&sum); err != nil {
		t.Fatal(err)
	}
	if sum != 45 {
		t.Errorf("sum of 0..9 = %d, want 45", sum)
	}
}

func TestEveryCallSharesOneEngine(t *testing.T) {
	if a, b := enginetest.Start(t), enginetest.Start(t); a != b {
		t.Error("two calls of Start gave two engines")
	}
}
