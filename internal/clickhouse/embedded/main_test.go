package embedded_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"ibarura/internal/clickhouse/embedded"
	"ibarura/internal/enginetest"
)

// parentVariable makes the test binary a parent process that only runs an
// engine, in the data folder that it holds, until it is killed.
const parentVariable = "IBARURA_TEST_PARENT"

func TestMain(m *testing.M) {
	if dir := os.Getenv(parentVariable); dir != "" {
		runParent(dir)
	}
	enginetest.Main(m)
}

// runParent starts an engine, prints its pid, and waits for its own death.
func runParent(dir string) {
	_ = os.Unsetenv(parentVariable) // the engine's child is this binary, too
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	engine, err := embedded.Start(ctx, enginetest.Options(dir))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(engine.Pid())
	select {}
}
