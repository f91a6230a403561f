package faulttest

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Setup is how serve is started: another one at each start, since what was
// begun under one has to be finished right under any other.
type Setup struct {
	BatchRows    int
	BatchAge     time.Duration
	Inserters    int
	SegmentBytes int64 // of the spool
	MaxBytes     int64 // likewise
	Compression  string
	Grace        time.Duration
	Extra        []string // arguments
}

// drawSetup draws how serve is started for producers whose batches have up to
// so many items. The batches of the loader are hardly larger than those at
// first, so that a short round has many inserts, and up to all of a round.
func drawSetup(r *rand.Rand, items int) Setup {
	s := Setup{
		BatchRows: items * pick(r, 1, 4, 20, 100), BatchAge: time.Duration(5+r.IntN(200)) * time.Millisecond,
		Inserters: 1 + r.IntN(4), SegmentBytes: pick[int64](r, 64<<10, 1<<20, 64<<20),
		Compression: pick(r, "none", "s2"), Grace: pick(r, 0, time.Second, time.Minute),
	}
	s.MaxBytes = max(4*s.SegmentBytes, pick[int64](r, 8<<20, 64<<20, 1<<30))
	return s
}

func (s Setup) args() []string {
	return append([]string{
		fmt.Sprintf("--ingest.batch-rows=%d", s.BatchRows), fmt.Sprintf("--ingest.batch-age=%s", s.BatchAge),
		fmt.Sprintf("--ingest.inserters=%d", s.Inserters), fmt.Sprintf("--spool.segment-bytes=%d", s.SegmentBytes),
		fmt.Sprintf("--spool.max-bytes=%d", s.MaxBytes), "--spool.compression=" + s.Compression, fmt.Sprintf("--spool.grace=%s", s.Grace),
		"--ingest.wait-timeout=5s", "--ingest.room-wait=100ms", "--http.shutdown-timeout=30s",
	}, s.Extra...)
}
