package embedded

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// Options says how the engine runs. Only DataDir is required; the zero value of
// everything else is a sensible choice.
type Options struct {
	// DataDir is the folder of the data, the credentials and the engine's log.
	// It is made if absent (0700), and locked while the engine runs.
	DataDir string

	// Library is the path of the engine library. Empty: see Locate.
	Library string
	// Binary is the path of a `clickhouse` binary to run instead of the
	// library. Empty: see Locate.
	Binary string
	// CacheDir is the folder that Fetch filled. Empty: DefaultCacheDir.
	CacheDir string

	// Command is the start of the command line that ends up in Main; its first
	// word is an absolute path. Empty: this very program with the arguments
	// "engine", "run".
	Command []string
	// Env is added to the child's environment, as "KEY=value".
	Env []string

	// ListenHost is the address that both ports listen on. Empty: 127.0.0.1.
	ListenHost string
	// TCPPort and HTTPPort are the native and the HTTP port. 0 picks a free
	// one; a restarted engine keeps the ports of its first start.
	TCPPort, HTTPPort int

	// MemoryLimit bounds the engine's memory in bytes; queries beyond it fail,
	// the process goes on. 0: half of what this machine or container has.
	MemoryLimit uint64
	// MinFreeDisk is the free space in bytes below which the engine is not
	// started. 0: 1 GiB.
	MinFreeDisk uint64
	// Sync makes the engine sync its parts before it answers an insert. Without
	// it rows are safe against its own death, and against a loss of power once
	// the operating system has written them.
	Sync bool

	// Credentials are the users' passwords. Empty ones are read from the data
	// folder, or generated and kept there, so that they survive restarts.
	Credentials Credentials

	// StartTimeout bounds each start, first or later, until the engine answers
	// a query. 0: 2 minutes, since a large folder takes a while to open.
	StartTimeout time.Duration
	// StopTimeout bounds a clean stop; the engine is killed after it, which
	// loses nothing that was acknowledged. 0: 30 seconds.
	StopTimeout time.Duration
	// ProbeInterval is the time between two health probes. 0: 1 second.
	ProbeInterval time.Duration
	// ProbeTimeout bounds one probe. 0: 5 seconds.
	ProbeTimeout time.Duration
	// ProbeFailures is the number of failed probes in a row after which the
	// engine is killed and started again. 0: 6.
	ProbeFailures int

	// Log receives the starts, deaths and restarts. Nil: none.
	Log *zap.Logger
	// Registerer receives the ibarura_engine_* metrics. Nil: none.
	Registerer prometheus.Registerer
	// OnReady is called each time the engine has become ready, restarts
	// included, from the supervising goroutine: it must not block, and must not
	// call Stop. Nil: nothing is called.
	OnReady func()
}

// withDefaults returns the options with every zero value replaced.
func (o Options) withDefaults() (Options, error) {
	if o.DataDir == "" {
		return o, errors.New("engine: DataDir is empty")
	}
	if len(o.Command) == 0 {
		self, err := os.Executable()
		if err != nil {
			return o, fmt.Errorf("engine: find this program: %w", err)
		}
		o.Command = []string{self, "engine", "run"}
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	o.ListenHost = orDefault(o.ListenHost, "127.0.0.1")
	o.MemoryLimit = orDefault(o.MemoryLimit, totalMemory()/2)
	o.MinFreeDisk = orDefault(o.MinFreeDisk, 1<<30)
	o.StartTimeout = orDefault(o.StartTimeout, 2*time.Minute)
	o.StopTimeout = orDefault(o.StopTimeout, 30*time.Second)
	o.ProbeInterval = orDefault(o.ProbeInterval, time.Second)
	o.ProbeTimeout = orDefault(o.ProbeTimeout, 5*time.Second)
	o.ProbeFailures = orDefault(o.ProbeFailures, 6)
	return o, nil
}

// orDefault returns value, or fallback if value is zero.
func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
