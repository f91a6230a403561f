package main

import (
	"fmt"

	"ibarura/internal/telemetry"
)

type versionCmd struct{}

func (versionCmd) Run() error {
	build := telemetry.ReadBuild()
	fmt.Printf("ibarura %s, revision %s, %s\n", build.Version, build.Revision, build.GoVersion)
	return nil
}
