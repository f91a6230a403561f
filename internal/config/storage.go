package config

import "time"

// ClickHouse is a server of the operator's, or the names used on the embedded
// engine.
type ClickHouse struct {
	Addr           []string      `name:"addr" default:"" placeholder:"HOST:PORT" help:"Native-protocol addresses of a ClickHouse server, host:port; several are tried in order. Empty: the embedded engine is started, and the passwords here may stay empty: they are generated."`
	Database       string        `name:"database" default:"ibarura" help:"Database of the raw tables and the aggregates."`
	BIDatabase     string        `name:"bi-database" default:"bi" help:"Database of the views that BI tools read."`
	User           string        `name:"user" default:"ibarura" help:"ClickHouse user that owns both databases: it migrates and writes."`
	Password       Secret        `name:"password" placeholder:"PASSWORD" help:"Password of clickhouse.user. Empty: none, or a generated one for the embedded engine."`
	ReaderUser     string        `name:"reader-user" default:"ibarura_reader" help:"ClickHouse user that reports are read as. It needs SELECT on the database and nothing else."`
	ReaderPassword Secret        `name:"reader-password" placeholder:"PASSWORD" help:"Password of clickhouse.reader-user. Empty: as above."`
	BIUser         string        `name:"bi-user" default:"bi" help:"ClickHouse user of BI tools, with SELECT on bi-database. Ibarura never logs in as this one; the embedded engine creates it."`
	TLS            bool          `name:"tls" help:"Speak TLS to the server. Its certificate is always checked."`
	TLSCAFile      string        `name:"tls-ca-file" default:"" placeholder:"FILE" type:"path" help:"PEM file with the authorities to trust for the server's certificate. Empty: the system's."`
	TLSServerName  string        `name:"tls-server-name" default:"" placeholder:"NAME" help:"Name that the certificate has to have. Empty: the host of the address."`
	DialTimeout    time.Duration `name:"dial-timeout" default:"5s" min:"100ms" max:"5m" help:"Time for connecting to one address."`
}

// Embedded reports whether the program runs its own engine, as no server is
// given.
func (c *ClickHouse) Embedded() bool { return len(c.Addr) == 0 }

// Engine is the ClickHouse that serve starts itself.
type Engine struct {
	Library     string `name:"library" default:"" placeholder:"FILE" type:"path" help:"Engine library to load (libchdb). Empty: the pinned version from cache-dir."`
	Binary      string `name:"binary" default:"" placeholder:"FILE" type:"path" help:"clickhouse binary to run in place of the library. Empty: one on PATH if it is recent enough, else the library."`
	CacheDir    string `name:"cache-dir" default:"" placeholder:"FOLDER" type:"path" help:"Folder that the library is fetched into, once. Empty: ibarura in the user's cache folder."`
	TCPPort     int    `name:"tcp-port" default:"19000" min:"0" max:"65535" help:"Port of the engine's native protocol, on 127.0.0.1. 0: any free one. The default is fixed so that BI tools can rely on it, and not 9000, so that a ClickHouse server on the same machine is not in the way."`
	HTTPPort    int    `name:"http-port" default:"18123" min:"0" max:"65535" help:"Port of the engine's HTTP interface, on 127.0.0.1. 0: any free one."`
	MemoryLimit Bytes  `name:"memory-limit" default:"0" min:"256MiB" max:"16TiB" special:"0" means:"half of the memory of the machine or container" help:"Memory that the engine may take. A query beyond it fails; the engine goes on."`
	MinFreeDisk Bytes  `name:"min-free-disk" default:"1GiB" min:"64MiB" max:"16TiB" help:"Free space in data-dir below which the engine does not start."`
	Sync        bool   `name:"sync" default:"false" help:"Sync every part before an insert is answered, merges included. Not needed for what was acknowledged: the spool keeps it until the parts are safe, and after a loss of power loads again what they lost. It costs about a sixth of the speed."`
}

// Ingest is how events and page views are taken in.
type Ingest struct {
	BatchRows       int           `name:"batch-rows" default:"70000" min:"1" max:"1000000" help:"Rows at which a cut of the spool is inserted. An insert costs a fixed 60 ms, so large ones are cheap."`
	BatchBytes      Bytes         `name:"batch-bytes" default:"16MiB" min:"64KiB" max:"1GiB" help:"Size of the records at which a cut is inserted. Up to three cuts are in memory, one of them being filled."`
	BatchAge        time.Duration `name:"batch-age" default:"200ms" min:"1ms" max:"1m" help:"Age of its oldest row at which a cut is inserted however small it is; ten times as much while another one is being inserted. It is the usual delay between the answer and the report."`
	Inserters       int           `name:"inserters" default:"2" min:"1" max:"64" help:"Cuts that are inserted at the same time."`
	Reconcile       string        `name:"reconcile" default:"auto" oneof:"auto,force" help:"What happens when ClickHouse's host was booted, or ClickHouse itself was started anew in the middle of an insert, and may have lost rows. auto: they are loaded again and the aggregates of their months are made anew, unless another process wrote to the same ClickHouse within a day. force: in any case; stop the others before. With the embedded engine there is no other."`
	WaitTimeout     time.Duration `name:"wait-timeout" default:"30s" min:"100ms" max:"10m" help:"How long a request with wait=true waits for its rows to be queryable."`
	RoomWait        time.Duration `name:"room-wait" default:"1s" min:"0s" max:"1m" help:"How long a request waits, before its body is read, while the spool has no room. After it the answer is 503. 0: it is turned away at once."`
	FutureTolerance time.Duration `name:"future-tolerance" default:"24h" min:"0s" max:"8760h" help:"How far ahead of the server's clock occurred_at may be. Later ones are rejected."`
	DedupWindow     time.Duration `name:"dedup-window" default:"24h" min:"1m" max:"720h" special:"0s" means:"off" help:"How long an event id is remembered: within it, the same id counts once."`
	DedupMaxIDs     int           `name:"dedup-max-ids" default:"1000000" min:"1000" max:"100000000" help:"Most ids that are remembered; beyond it the oldest are forgotten before the window ends."`
	PassiveTypes    []string      `name:"passive-types" default:"notification_sent" help:"Event types that do not make a person active: receiving is not acting. Those that say who somebody is (identify, alias, group), and a few that clients send by themselves, never do. Changing it does not change what is stored."`
	CountryDB       string        `name:"country-db" default:"" placeholder:"FILE" type:"path" help:"File in MaxMind format (mmdb) that tells the country of an address. Empty: page views have no country. The address itself is never stored."`
}
