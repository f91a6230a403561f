package config

import "time"

// Config is the whole configuration. Embed it in a kong command and pass
// Options to kong; or take Default and change what a test needs.
type Config struct {
	File File `name:"config" placeholder:"FILE" help:"YAML file with options, each under its flag's name, with a section for each part before a dot. A flag or a variable wins over the file. A key that is no option, or stands twice, is an error. A relative path inside the file is relative to the working directory."`

	DataDir  string `name:"data-dir" default:"./data" type:"path" help:"Folder of everything that has to survive a restart: the embedded engine's tables, generated passwords and keys. It is made if absent. One running process a folder."`
	WriteKey Secret `name:"write-key" placeholder:"KEY" help:"Write key that a first run gives to its project, 16 to 200 printable ASCII characters. Empty: one is generated. Later runs do not look at it. Better set by its variable: other users of the machine can see flags."`
	ReadKey  Secret `name:"read-key" placeholder:"KEY" help:"Read key that a first run gives to its project; otherwise like the write key, and different from it."`

	Project    Project    `embed:"" prefix:"project." group:"Project"`
	HTTP       HTTP       `embed:"" prefix:"http." group:"HTTP server"`
	ClickHouse ClickHouse `embed:"" prefix:"clickhouse." group:"ClickHouse"`
	Engine     Engine     `embed:"" prefix:"engine." group:"Embedded engine"`
	Ingest     Ingest     `embed:"" prefix:"ingest." group:"Writing"`
	Spool      Spool      `embed:"" prefix:"spool." group:"Spool"`
	Tracking   Tracking   `embed:"" prefix:"tracking." group:"Visitors"`
	Limits     Limits     `embed:"" prefix:"limits." group:"Rates"`
	Query      Query      `embed:"" prefix:"query." group:"Reading"`
	Export     Export     `embed:"" prefix:"export." group:"Exports"`
	Verify     Verify     `embed:"" prefix:"verify." group:"Verifying"`
	Derived    Derived    `embed:"" prefix:"derived." group:"Derived tables"`
	Jobs       Jobs       `embed:"" prefix:"jobs." group:"Scheduled jobs"`
	Mail       Mail       `embed:"" prefix:"mail." group:"Reports by e-mail"`
	Live       Live       `embed:"" prefix:"live." group:"Live view"`
	Access     Access     `embed:"" prefix:"access." group:"Keys"`
	Log        Log        `embed:"" prefix:"log." group:"Log"`
	Debug      Debug      `embed:"" prefix:"debug." group:"Looking inside"`
}

// Project is the project that a first run creates.
type Project struct {
	Name     string `name:"name" default:"default" help:"Name of the project that a first run creates: 1 to 63 lower-case letters, digits, - and _, beginning with a letter or digit."`
	Timezone string `name:"timezone" default:"UTC" help:"IANA zone of that project, such as Africa/Kigali: its days begin and end there. It is fixed when the project is created, since every stored day depends on it."`
}

// Access is how soon a change of keys and projects is in force, and how long a
// browser stays signed in.
type Access struct {
	Refresh  time.Duration `name:"refresh" default:"1s" min:"100ms" max:"1m" help:"Longest age at which a process still trusts its copy of keys and projects while ClickHouse answers. A revoked key is refused everywhere after this time; keys revoke waits for it. It has to be the same in all processes."`
	MaxStale time.Duration `name:"max-stale" default:"5m" min:"1s" max:"24h" special:"0s" means:"refuse at once" help:"How long a process that cannot reach ClickHouse goes on with its last copy of keys and projects. During that time it does not learn of revocations."`

	SessionAge   time.Duration `name:"session-age" default:"12h" min:"1m" max:"720h" help:"How long a browser stays signed in to the dashboard. A revoked key ends its sessions at once."`
	MaxLinkAge   time.Duration `name:"max-link-age" default:"8760h" min:"24h" max:"87600h" help:"Longest time for which an admin may make a link to a view of the dashboard; whole days count."`
	EmbedOrigins []string      `name:"embed-origins" default:"" placeholder:"ORIGIN" help:"Origins (https://intranet.example.org, or https://*.example.org) whose pages may show links to views in a frame. Empty: only those of this server; *: every page."`

	SessionSecret Secret `name:"session-secret" placeholder:"TEXT" help:"Secret that signs sessions of the dashboard, at least 32 bytes; the same in all processes behind one address. It signs links to views too: with another one nobody is signed in any more, and every link that was handed out is invalid. Empty: one is generated and kept in data-dir, for this process alone."`
}

// Log is what is logged and how.
type Log struct {
	Level  string `name:"level" default:"info" oneof:"debug,info,warn,error" help:"Least severe level that is written."`
	Format string `name:"format" default:"json" oneof:"json,console" help:"One JSON object a line for machines, or console for people."`
}

// Debug is for whoever works on the program itself.
type Debug struct {
	CPUProfile string `name:"cpu-profile" default:"" placeholder:"FILE" type:"path" help:"File that a CPU profile of the whole run is written to when serve stops, for go tool pprof. Empty: none. Nothing is served over HTTP."`
}
