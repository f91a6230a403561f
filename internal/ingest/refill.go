package ingest

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"ibarura/internal/event"
	"ibarura/internal/rowblock"
	"ibarura/internal/spool"
)

// History tells which ids were stored lately.
type History interface {
	// RecentIDs calls each for every row received since a moment whose id does
	// not match the regular expression made: the newest ones, at most limit in
	// all, oldest first. kind is event or page_view.
	RecentIDs(ctx context.Context, since time.Time, limit int, made string,
		each func(project, kind, id string, received time.Time)) error
}

// Waiting is the log, as spool.Spool is one.
type Waiting interface {
	First() spool.LSN
	Read(from spool.LSN, each func(spool.Entry) bool) (spool.LSN, error)
}

// madeIDs matches the ids that idSource makes of random bytes: nobody sends
// them again.
const madeIDs = "^r[0-9a-f]{24}-[0-9]+$"

var isMade = regexp.MustCompile(madeIDs)

// Refill remembers the ids of the rows stored within the window, in the tables
// and in the log from a position on, so that a restart does not count a
// producer's retry twice. It returns how many it knows. loaded tells up to where
// the log is in the tables; it may be loaded and given up meanwhile.
func (s *Service) Refill(ctx context.Context, history History, waiting Waiting, loaded func() spool.LSN) (int, error) {
	if s.config.Window == 0 {
		return 0, nil
	}
	since := s.clock().Add(-s.config.Window)
	for {
		from := loaded()
		err := history.RecentIDs(ctx, since, s.config.MaxIDs, madeIDs, func(project, kind, id string, received time.Time) {
			s.seen.Add(KeyOf(project, kind, id), received)
		})
		if err == nil {
			err = s.refillFromLog(waiting, from, event.MillisOf(since))
		}
		if err != nil {
			return s.seen.Len(), fmt.Errorf("refill the window of ids: %w", err)
		}
		if waiting.First() <= from { // else rows went by between the two looks
			return s.seen.Len(), nil
		}
	}
}

// refillFromLog reads the rows that are not in the tables yet. A record that
// cannot be read is the loader's to report.
func (s *Service) refillFromLog(waiting Waiting, from spool.LSN, since event.Millis) error {
	blocks := map[rowblock.Table]*rowblock.Block{}
	for _, table := range rowblock.Tables() {
		blocks[table] = rowblock.New(table)
	}
	_, err := waiting.Read(from, func(e spool.Entry) bool {
		table := rowblock.Table(e.Table)
		block := blocks[table]
		if block == nil {
			return true
		}
		block.Reset()
		if block.Merge(e.Data, e.Seq) != nil {
			return true
		}
		block.EachID(func(project string, id []byte, received event.Millis) {
			if received >= since && !isMade.Match(id) {
				s.seen.Add(KeyOf(project, table.Kind(), string(id)), received.Time())
			}
		})
		return true
	})
	return err
}
