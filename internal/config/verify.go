package config

import "time"

// Verify is how aggregates are held against raw, and made anew.
type Verify struct {
	Every      time.Duration `name:"every" default:"24h" min:"1h" max:"8760h" special:"0s" means:"never" help:"How often serve holds every aggregate against raw, as ibarura verify does: one of the processes that share a ClickHouse, once in this time."`
	MaxThreads int           `name:"max-threads" default:"1" min:"1" max:"256" help:"Threads that ClickHouse may take for verifying, and for ibarura rebuild."`
	MaxMemory  Bytes         `name:"max-memory" default:"1GiB" min:"128MiB" max:"1TiB" help:"Memory that ClickHouse may take for one statement of these. From half of it on, groups go to its disk."`
}
