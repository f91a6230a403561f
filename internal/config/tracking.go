package config

import "time"

// Tracking is how people in browsers are told apart who do not say who they
// are.
type Tracking struct {
	Visitors    string        `name:"visitors" default:"daily-hash" oneof:"daily-hash,none" help:"What becomes of an item that a browser sent without user_id and anonymous_id. daily-hash: its anonymous_id is a hash of address and browser, under a salt that is thrown away when the local day is over. none: it is nobody's."`
	SessionIdle time.Duration `name:"session-idle" default:"30m" min:"1m" max:"24h" special:"0s" means:"none are made" help:"An item that a browser sent without session_id goes on with its visitor's session, unless nothing came for this long. With tracking.visitors=none no sessions are made."`
	MaxSessions int           `name:"max-sessions" default:"100000" min:"100" max:"100000000" help:"Most of those sessions that are remembered, about 200 bytes each; beyond it the one that was idle longest ends."`
}

// Limits are rates a key may not exceed, so that one producer cannot take the
// place of the others.
type Limits struct {
	RequestsPerSecond int           `name:"requests-per-second" default:"0" min:"1" max:"1000000" special:"0" means:"no limit" help:"Write requests a second of one key, in one process. Beyond it: 429 with Retry-After, for PostHog's clients 503."`
	ItemsPerSecond    int           `name:"items-per-second" default:"0" min:"1" max:"100000000" special:"0" means:"no limit" help:"Events and page views a second of one key, in one process. A stream is slowed down to it; other requests beyond it are answered 429 with Retry-After, for PostHog's clients 503."`
	Burst             time.Duration `name:"burst" default:"10s" min:"1s" max:"1h" help:"For how long a key that was quiet may save up: this many seconds' worth may come at once."`
}
