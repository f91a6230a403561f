package embedded_test

import (
	"testing"

	"ibarura/internal/clickhouse/embedded"
	"ibarura/internal/enginetest"
)

func TestAnotherProcessFindsTheRunningEngine(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := embedded.Running(dir); err == nil {
		t.Error("an engine is found in an empty folder")
	}
	engine := enginetest.StartOwn(t, func(o *embedded.Options) { o.DataDir = dir })
	addr, users, err := embedded.Running(dir)
	if err != nil || addr != engine.Addr() || users != engine.Credentials() {
		t.Errorf("found %s, want %s; same users: %v; %v", addr, engine.Addr(), users == engine.Credentials(), err)
	}
}
