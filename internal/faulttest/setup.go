package faulttest

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Setup is how serve is started: another one at each start, since what was
// begun under one has to be finished right under any other.
type Setup struct {
	BatchRows int
	BatchAge  time.Duration
	Inserters int
}

// drawSetup prefers small batches, so that a short round has many inserts.
func drawSetup(r *rand.Rand) Setup {
	return Setup{
		BatchRows: pick(r, 50, 500, 2000, 10_000, 50_000), BatchAge: time.Duration(5+r.IntN(200)) * time.Millisecond,
		Inserters: 1 + r.IntN(4),
	}
}

func (s Setup) args() []string {
	return []string{
		fmt.Sprintf("--ingest.batch-rows=%d", s.BatchRows), fmt.Sprintf("--ingest.batch-age=%s", s.BatchAge),
		fmt.Sprintf("--ingest.inserters=%d", s.Inserters),
		"--ingest.wait-timeout=5s", "--ingest.room-wait=100ms", "--http.shutdown-timeout=10s", "--log.level=info",
	}
}
