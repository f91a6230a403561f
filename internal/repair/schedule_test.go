package repair_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/repair"
)

func TestWhatOneProcessFindsEveryProcessShows(t *testing.T) {
	b := newBench(t)
	b.fill("p", 5000, 0, 50)
	b.exec("INSERT INTO tag_day (project, day, tag, events) VALUES ('p', '2024-12-31', 'never', 5)")
	var registries []*prometheus.Registry
	var schedules []*repair.Schedule
	for range 2 {
		s := &repair.Schedule{
			Repairer: b.Repairer, Notes: clickhouse.Verifications{Conn: b.conn}, Every: time.Hour,
			Look: 50 * time.Millisecond, Host: "test", Log: zap.NewNop(),
		}
		reg := prometheus.NewRegistry()
		registries, schedules = append(registries, reg), append(schedules, s)
		stop := s.Start(reg)
		defer func() {
			if err := stop(t.Context()); err != nil {
				t.Error(err)
			}
		}()
	}
	if err := schedules[0].Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, reg := range registries {
		await(t, "the drift is shown", func() bool { return gauge(t, reg, "ibarura_verify_differing_rows", "tag_day") == 1 })
	}
	if runs := gauge(t, registries[0], "ibarura_verify_runs_total", clickhouse.VerificationDrift); runs != 1 {
		t.Errorf("the first process has run %v comparisons that found drift", runs)
	}
	if runs := gauge(t, registries[1], "ibarura_verify_runs_total", clickhouse.VerificationDrift); runs != 0 {
		t.Errorf("the second one has run %v", runs)
	}
	if n := testutil.CollectAndCount(registries[1], "ibarura_verify_differing_rows"); n != 14 {
		t.Errorf("%d tables are shown", n)
	}
}

func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// gauge reads the series of a metric whose only label has a value.
func gauge(t *testing.T, reg *prometheus.Registry, name, label string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			if m.GetLabel()[0].GetValue() == label {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return -1
}
