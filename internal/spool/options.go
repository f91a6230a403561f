package spool

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// Policy says when a unit is acknowledged.
type Policy int

const (
	// AckFsync acknowledges what is synced: it survives a loss of power.
	AckFsync Policy = iota
	// AckWrite acknowledges what is handed to the operating system: it survives
	// the end of the process, but up to SyncInterval of it does not survive a loss
	// of power. It can be read once it is synced.
	AckWrite
)

// ParsePolicy reads a policy as the configuration writes it: fsync or write.
func ParsePolicy(text string) (Policy, error) {
	switch text {
	case "fsync":
		return AckFsync, nil
	case "write":
		return AckWrite, nil
	default:
		return 0, fmt.Errorf("spool: %q is not one of fsync, write", text)
	}
}

// Options are what a spool needs to know. The zero value of all but Dir,
// Log and Registerer means the default.
type Options struct {
	Dir           string // made if it is absent; one process a folder
	FS            FS     // nil: the operating system's, of which the folder and its lock are in any case
	SegmentBytes  int64  // size of a segment, preallocated; 64 MiB
	MaxBytes      int64  // disk that the segments may take, at least two of them; 10 GiB
	MinFree       int64  // disk that stays free for others; 0: none
	MaxGroupBytes int    // bytes that may wait for the writer, and the largest unit; 16 MiB
	Policy        Policy
	SyncInterval  time.Duration // of AckWrite; 200 ms
	Grace         time.Duration // how long a loaded segment is kept if there is disk; 0: not at all
	Compression   Compression
	Log           *zap.Logger
	Registerer    prometheus.Registerer
}

const (
	minSegmentBytes = 64 << 10
	maxSegmentBytes = 1 << 30 // a seq and a position must not run out in a few unclean starts
	maxGroupBytes   = 1 << 30 // lengths in a frame are 32 bits
)

// withDefaults fills in what is not set and checks the rest.
func (o Options) withDefaults() (Options, error) {
	if o.FS == nil {
		o.FS = OS{}
	}
	o.SegmentBytes = or(o.SegmentBytes, 64<<20)
	o.MaxBytes = or(o.MaxBytes, 10<<30)
	o.MaxGroupBytes = or(o.MaxGroupBytes, 16<<20)
	o.SyncInterval = or(o.SyncInterval, 200*time.Millisecond)
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Registerer == nil {
		o.Registerer = prometheus.NewRegistry()
	}
	return o, o.check()
}

func (o *Options) check() error {
	switch {
	case o.Dir == "":
		return fmt.Errorf("spool: Dir is empty")
	case o.SegmentBytes < minSegmentBytes || o.SegmentBytes > maxSegmentBytes:
		return fmt.Errorf("spool: SegmentBytes is %d, outside of %d to %d", o.SegmentBytes, minSegmentBytes, maxSegmentBytes)
	case o.MaxBytes < 2*o.SegmentBytes:
		return fmt.Errorf("spool: MaxBytes is %d, less than two segments of %d", o.MaxBytes, o.SegmentBytes)
	case o.MaxGroupBytes < 0 || o.MaxGroupBytes > maxGroupBytes:
		return fmt.Errorf("spool: MaxGroupBytes is %d, outside of 1 to %d", o.MaxGroupBytes, maxGroupBytes)
	case !o.Compression.known():
		return fmt.Errorf("spool: Compression is %d, which is unknown", o.Compression)
	default:
		return nil
	}
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
