package telemetry

import (
	"runtime"
	"runtime/debug"
)

// version is set by a release: -ldflags "-X ibarura/internal/telemetry.version=1.2.3".
var version string

// Build says which program this is.
type Build struct {
	Version   string `json:"version"`   // release, else the module's version, else "devel"
	Revision  string `json:"revision"`  // commit, with "+dirty" if files were changed; "unknown" outside a checkout
	GoVersion string `json:"goversion"` // such as go1.26.8
}

// ReadBuild returns what the linker and the Go command left in the program.
func ReadBuild() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return buildOf(info, version)
}

func buildOf(info *debug.BuildInfo, release string) Build {
	b := Build{Version: release, GoVersion: info.GoVersion}
	if b.GoVersion == "" {
		b.GoVersion = runtime.Version()
	}
	if b.Version == "" && info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	if b.Version == "" {
		b.Version = "devel"
	}
	b.Revision = revisionOf(info)
	return b
}

func revisionOf(info *debug.BuildInfo) string {
	revision, suffix := "unknown", ""
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			revision = setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			suffix = "+dirty"
		}
	}
	return revision + suffix
}
