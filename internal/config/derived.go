package config

import "time"

// Derived is the job that keeps derived tables.
type Derived struct {
	Every     time.Duration `name:"every" default:"30s" min:"1s" max:"24h" special:"0s" means:"never, so that questions are answered without derived tables" help:"Least time between two derivations of a project in which something has landed; at least five times as long as the last one took. Several processes share the work."`
	Timeout   time.Duration `name:"timeout" default:"10m" min:"10s" max:"24h" help:"Time for one derivation. It is also how long another process waits before it takes over from one that has died."`
	MaxMemory Bytes         `name:"max-memory" default:"2GiB" min:"64MiB" max:"1TiB" help:"Memory that ClickHouse may take for one statement of a derivation."`
}
