package ingest

import (
	"context"
	"time"
)

// lookForRoom is the pause between two looks at a log without room.
const lookForRoom = 5 * time.Millisecond

// AwaitRoom returns when there is room for a request, or ErrOverloaded if there
// is none for a while: a moment's wait costs a producer less than being sent
// away and coming back.
func (s *Service) AwaitRoom(ctx context.Context) error {
	return s.awaitRoom(ctx, s.config.RoomWait)
}

func (s *Service) awaitRoom(ctx context.Context, patience time.Duration) error {
	if s.log.Room() {
		return nil
	}
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(lookForRoom)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			if s.log.Room() {
				return nil
			}
		case <-deadline.C:
			s.metrics.overloaded.Inc()
			return ErrOverloaded
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
