package config

import "time"

// HTTP is the server that producers and readers talk to.
type HTTP struct {
	Listen            string        `name:"listen" default:"127.0.0.1:8080" help:"Address of the HTTP server, host:port. An empty host listens on all addresses; port 0 takes a free one."`
	ReadHeaderTimeout time.Duration `name:"read-header-timeout" default:"5s" min:"100ms" max:"5m" help:"Time a client has to send the request line and the headers, so that slow ones do not hold connections."`
	BodyTimeout       time.Duration `name:"body-timeout" default:"30s" min:"100ms" max:"1h" help:"Longest silence within a request body. It is counted from the last byte, so a long stream that flows is never cut."`
	WriteTimeout      time.Duration `name:"write-timeout" default:"60s" min:"1s" max:"1h" help:"Time for sending an answer, counted from when it is ready."`
	IdleTimeout       time.Duration `name:"idle-timeout" default:"120s" min:"1s" max:"1h" help:"How long a kept-alive connection may wait for its next request."`
	ShutdownTimeout   time.Duration `name:"shutdown-timeout" default:"30s" min:"1s" max:"10m" help:"How long a shutdown waits for requests under way and for buffered rows. What was acknowledged with wait=true is stored in any case."`
	MaxHeaderBytes    Bytes         `name:"max-header-bytes" default:"32KiB" min:"4KiB" max:"1MiB" help:"Largest request line and headers together."`
	MaxBodyBytes      Bytes         `name:"max-body-bytes" default:"10MiB" min:"1KiB" max:"1GiB" help:"Largest body of one JSON object or array, after decompression. An NDJSON stream has no limit as a whole."`
	MaxBodyMemory     Bytes         `name:"max-body-memory" default:"256MiB" min:"4MiB" max:"1TiB" help:"Memory for all request bodies under way together, as far as they have arrived and until they are decoded; half as much again for the windows of compressed streams. Beyond it requests are answered 503 with Retry-After. At least four times max-body-bytes."`
	MinBodyRate       Bytes         `name:"min-body-rate" default:"256" min:"1" max:"1GiB" special:"0" means:"any" help:"Bytes a second at which a body that is not a stream has to arrive, on the average of body-timeout. A slower one is answered 408."`
	MaxConnections    int           `name:"max-connections" default:"12000" min:"10" max:"1000000" help:"Connections at the same time. Further ones are answered 503 and closed. Each takes a file descriptor and, while it sends a body, about 30 kB."`
	MaxPerAddress     int           `name:"max-connections-per-address" default:"0" min:"1" max:"1000000" special:"0" means:"no limit" help:"Connections from one IP address at the same time. Leave it at 0 behind a proxy, which has one address for everybody."`
	TrustedProxies    []string      `name:"trusted-proxies" default:"" placeholder:"ADDRESS" help:"Addresses or networks (10.0.0.0/8) of proxies whose X-Forwarded-For is believed. Empty: none; the peer's own address counts."`
}

// Query is what reading may take.
type Query struct {
	Timeout       time.Duration `name:"timeout" default:"30s" min:"100ms" max:"1h" help:"Time for one query; an overview is several, some of them at once. Then ClickHouse is told to stop."`
	MaxMemory     Bytes         `name:"max-memory" default:"2GiB" min:"64MiB" max:"1TiB" help:"Memory that ClickHouse may take for one query."`
	MaxResultRows int           `name:"max-result-rows" default:"100000" min:"1" max:"100000000" help:"Largest answer, in rows. A larger one is an error, never cut in silence."`
	MaxScanRows   int           `name:"max-scan-rows" default:"1000000000" min:"1000" max:"1000000000000000" special:"0" means:"no limit" help:"Rows that one query may read. One that would read more of a table, by the index, is refused before it reads any; questions that no aggregate answers read raw rows."`
	MaxConcurrent int           `name:"max-concurrent" default:"16" min:"1" max:"1000" help:"Queries at the same time, over all questions. Further ones wait, within query.timeout."`
	CacheBytes    Bytes         `name:"cache-bytes" default:"64MiB" min:"1MiB" max:"1TiB" special:"0" means:"none is kept" help:"Memory of this process for answers that are kept until something lands that they are about."`
	MaxPeriods    int           `name:"max-periods" default:"10000" min:"1" max:"1000000" help:"Most periods (hours, days, …) that one question may ask for."`
}

// Export is what exports of raw rows may take.
type Export struct {
	Timeout       time.Duration `name:"timeout" default:"30m" min:"1s" max:"1h" help:"Time for one export of raw rows, in which its client has to take them. One that is not done by then ends, and goes on with its cursor."`
	MaxMemory     Bytes         `name:"max-memory" default:"1GiB" min:"64MiB" max:"1TiB" help:"Memory that ClickHouse may take for one export of raw rows, however many they are."`
	MaxConcurrent int           `name:"max-concurrent" default:"2" min:"1" max:"100" help:"Exports of raw rows at the same time. A further one is answered 503 with Retry-After."`
}
