package web

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

// TestTheDashboardsPartsDoWhatTheySay runs the tests of dashboards/web/test by
// Node.js, made into JavaScript as the tracker is. What needs a page to run in
// is tested in a browser, by cmd/ibarura.
func TestTheDashboardsPartsDoWhatTheySay(t *testing.T) {
	tests, err := filepath.Glob("../../dashboards/web/test/*.test.ts")
	if err != nil || len(tests) == 0 {
		t.Fatalf("%d tests, %v", len(tests), err)
	}
	dir := t.TempDir()
	made := api.Build(api.BuildOptions{
		EntryPoints: tests, Outdir: dir, OutExtension: map[string]string{".js": ".mjs"}, Write: true, Bundle: true,
		Platform: api.PlatformNode, Format: api.FormatESModule,
		Target: api.ES2022, LogLevel: api.LogLevelSilent, TreeShaking: api.TreeShakingTrue,
	})
	if len(made.Errors) > 0 {
		t.Fatalf("%v", made.Errors)
	}
	for _, file := range made.OutputFiles {
		if out, err := exec.CommandContext(t.Context(), "node", "--test", file.Path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", filepath.Base(file.Path), err, out)
		}
	}
}
