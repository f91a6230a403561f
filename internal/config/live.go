package config

import "time"

// Live is the live view of what is taken in.
type Live struct {
	MaxReaders       int           `name:"max-readers" default:"8000" min:"1" max:"1000000" special:"0" means:"no live view" help:"Readers of the live view at the same time, SSE and WebSocket together. Further ones are answered 503. Each is a connection (http.max-connections) and takes about 50 kB."`
	MaxReadersPerKey int           `name:"max-readers-per-key" default:"6000" min:"1" max:"1000000" help:"Of them with the same key. Further ones are answered 429."`
	MaxFilters       int           `name:"max-filters" default:"64" min:"1" max:"10000" help:"Distinct filters that are watched at the same time, over all projects. Each row that is taken in is held against those of its project. Further ones are answered 503."`
	MaxPersons       int           `name:"max-persons" default:"100000" min:"1000" max:"10000000" help:"Persons of the last 30 minutes that are known one by one, in each project, at about 30 bytes each. With more of them, how many are active is an estimate (exact: false) with a standard error of 1.2 over the root of this number: 0.4 %."`
	Heartbeat        time.Duration `name:"heartbeat" default:"15s" min:"1s" max:"10m" help:"Silence after which a reader gets a sign of life, so that proxies keep the connection."`
	Refresh          time.Duration `name:"refresh" default:"10s" min:"1s" max:"1h" special:"0s" means:"never, which suffices for a single process" help:"Least time between two looks into the tables for what other processes have taken in, of the projects that are watched; at least twenty times as long as the last look took."`
}
