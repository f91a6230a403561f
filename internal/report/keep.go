package report

import (
	"context"
	"fmt"
	"time"
)

// keep answers a complete question: by what is kept if that still holds, else by
// reading, which those share who ask the same at the same time.
//
// What has landed is looked at before anything is read. An answer that was kept
// at a version of its days is right as long as they have that version; one that
// somebody is reading is right for those who come when nothing more has ended
// since it began.
func (s *Service) keep(ctx context.Context, e Endpoint, q Question, start time.Time) (*Answer, error) {
	key := keyOf(e, q, start)
	keeps := s.cache.max > 0 && !e.Personal && !q.Explain
	if k := s.cache.get(key); keeps && k != nil && q.MaxAge > 0 && start.Sub(k.asOf) <= q.MaxAge {
		return s.hit(k, k.asOf, start), nil
	}
	standing, err := s.standings.look(ctx, q.Project, start, q.MaxAge)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s.cache.metrics.failed.Inc()
	}
	q.standing = standing
	if standing == nil || !keeps {
		answer, _, err := s.read(ctx, e, q, start)
		return answer, err
	}
	days := e.needs(q)
	version, quiet := standing.Version(days)
	if k := s.cache.get(key); k != nil && k.whole && quiet && k.version == version {
		s.cache.confirm(key, k, standing.asked)
		return s.hit(k, latest(k.asOf, standing.asked), start), nil
	}
	flight := fmt.Sprintf("%s %x %v", key, standing.Ended(days), q.MaxAge)
	answer, shared, err := s.flights.fly(ctx, flight, func(ctx context.Context) (*Answer, error) {
		return s.readAndKeep(ctx, e, q, start, key, version, quiet)
	})
	if err != nil {
		return nil, err
	}
	if shared {
		s.cache.metrics.answers.WithLabelValues(wasCollapsed).Inc()
	}
	return answer, nil
}

func (s *Service) readAndKeep(ctx context.Context, e Endpoint, q Question, start time.Time, key string, version uint64, quiet bool) (*Answer, error) {
	answer, size, err := s.read(ctx, e, q, start)
	if err != nil {
		return nil, err
	}
	s.cache.metrics.answers.WithLabelValues(wasMiss).Inc()
	fresh := answer.Meta.AsOf.Equal(start.UTC().Truncate(time.Millisecond))
	s.cache.put(key, &kept{answer: answer, asOf: answer.Meta.AsOf, version: version, whole: quiet && fresh}, size)
	return answer, nil
}

// read returns the answer sealed, and the size of its data as JSON.
func (s *Service) read(ctx context.Context, e Endpoint, q Question, start time.Time) (*Answer, int, error) {
	answer, err := s.answer(ctx, e, q, start)
	if err != nil {
		return nil, 0, err
	}
	size, err := answer.seal()
	return answer, size, err
}

// hit returns a kept answer as one of now.
func (s *Service) hit(k *kept, asOf, start time.Time) *Answer {
	s.cache.metrics.answers.WithLabelValues(wasHit).Inc()
	answer := *k.answer
	answer.Meta.AsOf = asOf.UTC().Truncate(time.Millisecond)
	answer.Meta.Cached, answer.Meta.RowsRead = true, 0
	answer.Meta.ElapsedMs = float64(s.clock().Sub(start).Microseconds()) / 1000
	return &answer
}

// latest returns the later of two moments.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
