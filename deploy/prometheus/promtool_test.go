package prometheus_test

import (
	"os/exec"
	"testing"

	"ibarura/internal/promtest"
)

func TestPromtoolFindsNoFaultInConfigAndAlerts(t *testing.T) {
	promtool := promtest.Tool(t, "promtool")
	for _, args := range [][]string{
		{"check", "config", "--lint-fatal", "prometheus.yml"},
		{"check", "rules", "--lint-fatal", "alerts.yml"},
		{"test", "rules", "alerts_test.yml"},
	} {
		if out, err := exec.Command(promtool, args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}
