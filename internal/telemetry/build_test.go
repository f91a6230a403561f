package telemetry

import (
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
)

func TestBuildNamesTheReleaseElseTheModuleElseDevel(t *testing.T) {
	checkout := []debug.BuildSetting{{Key: "vcs.revision", Value: "abc123"}, {Key: "vcs.modified", Value: "true"}}
	for _, tc := range []struct {
		name    string
		info    debug.BuildInfo
		release string
		want    Build
	}{
		{"release", debug.BuildInfo{GoVersion: "go1", Main: debug.Module{Version: "v0.1.0"}}, "1.2.3", Build{"1.2.3", "unknown", "go1"}},
		{"module", debug.BuildInfo{GoVersion: "go1", Main: debug.Module{Version: "v0.1.0"}}, "", Build{"v0.1.0", "unknown", "go1"}},
		{"checkout", debug.BuildInfo{GoVersion: "go1", Main: debug.Module{Version: "(devel)"}, Settings: checkout}, "", Build{"devel", "abc123+dirty", "go1"}},
		{"nothing", debug.BuildInfo{}, "", Build{"devel", "unknown", runtime.Version()}},
	} {
		if got := buildOf(&tc.info, tc.release); got != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.name, got, tc.want)
		}
	}
}

func TestRegistryKnowsTheProcessAndTheBuild(t *testing.T) {
	families, err := NewRegistry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string][]string{}
	for _, family := range families {
		labels[family.GetName()] = []string{}
		for _, label := range family.GetMetric()[0].GetLabel() {
			labels[family.GetName()] = append(labels[family.GetName()], label.GetName())
		}
	}
	for _, name := range []string{"go_goroutines", "process_cpu_seconds_total"} {
		if labels[name] == nil && (name == "go_goroutines" || runtime.GOOS == "linux") {
			t.Errorf("no metric %s", name)
		}
	}
	if got := labels["ibarura_build_info"]; !slices.Equal(got, []string{"goversion", "revision", "version"}) {
		t.Errorf("labels of ibarura_build_info are %v", got)
	}
}

func TestBucketsGrow(t *testing.T) {
	for name, buckets := range map[string][]float64{"latency": LatencyBuckets(), "rows": RowBuckets(), "size": SizeBuckets()} {
		if !slices.IsSorted(buckets) || len(slices.Compact(slices.Clone(buckets))) != len(buckets) {
			t.Errorf("%s buckets do not grow: %v", name, buckets)
		}
	}
}
