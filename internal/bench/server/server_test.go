package server

import (
	"strings"
	"testing"
)

func TestOptionsOfOursDoNotReachTheServer(t *testing.T) {
	t.Setenv("IBARURA_INGEST_BATCH_ROWS", "1")
	t.Setenv("IBARURA_ENGINE_CACHE_DIR", "/somewhere")
	env := strings.Join(environment(), "\n")
	if strings.Contains(env, "BATCH_ROWS") || !strings.Contains(env, "IBARURA_ENGINE_CACHE_DIR=/somewhere") {
		t.Error(env)
	}
}

func TestFreePortsDiffer(t *testing.T) {
	ports, err := FreePorts(3)
	if err != nil || len(ports) != 3 || ports[0] == ports[1] || ports[1] == ports[2] || ports[0] == ports[2] {
		t.Errorf("%v, %v", ports, err)
	}
}
