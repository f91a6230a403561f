package config

import (
	"path/filepath"
	"time"
)

// Spool is the durable log between the acknowledgement and ClickHouse.
type Spool struct {
	Dir          string        `name:"dir" default:"" placeholder:"DIR" type:"path" help:"Folder of the spool, best on a disk of its own. Empty: spool in data-dir. One running process a folder."`
	Acknowledge  string        `name:"acknowledge" default:"fsync" oneof:"fsync,write" help:"What an item has to survive before it is acknowledged: a loss of power (fsync), or only the end of the process (write): then a loss of power may take the last spool.sync-interval."`
	SyncInterval time.Duration `name:"sync-interval" default:"200ms" min:"1ms" max:"1m" help:"With spool.acknowledge=write, the longest time between a write and its sync. Items are loaded once they are synced."`
	SegmentBytes Bytes         `name:"segment-bytes" default:"64MiB" min:"64KiB" max:"1GiB" help:"Size of a file of the spool. It is reserved on the disk when the file is begun, and disk is given back a file at a time."`
	MaxBytes     Bytes         `name:"max-bytes" default:"10GiB" min:"128KiB" max:"64TiB" help:"Disk that the spool may take, at least two segments: what can be taken in while ClickHouse is away. Beyond it writers get 503."`
	MinFree      Bytes         `name:"min-free" default:"1GiB" min:"0" max:"64TiB" help:"Disk that the spool leaves free. With less, writers get 503 before the disk is full and ClickHouse stops."`
	Grace        time.Duration `name:"grace" default:"10m" min:"0s" max:"720h" help:"How long a segment is kept after all of it is loaded, so that rows can be loaded again which ClickHouse had not synced when the machine failed. Segments go sooner if the disk is short."`
	Compression  string        `name:"compression" default:"none" oneof:"none,s2" help:"How rows are stored in the spool: as they are, or packed with S2, which takes CPU and saves disk; docs/spool.md has the figures. May be changed at any start."`
}

// SpoolDir is the folder of the spool.
func (c *Config) SpoolDir() string {
	if c.Spool.Dir != "" {
		return c.Spool.Dir
	}
	return filepath.Join(c.DataDir, "spool")
}

func (c *Spool) check(p *problems) {
	if c.MaxBytes < 2*c.SegmentBytes {
		p.add("spool.max-bytes", "%s is less than two segments of spool.segment-bytes (%s)", c.MaxBytes, c.SegmentBytes)
	}
}
