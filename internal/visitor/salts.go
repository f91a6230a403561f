package visitor

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/singleflight"

	"ibarura/internal/event"
)

// Salt is the key of a day's hashes.
type Salt = [32]byte

// Store keeps the salts of days that are not over where all processes see them.
// Its methods may be called from any goroutine.
type Store interface {
	// SettleSalt returns the salt of a local day in a zone: the stored one, or
	// else candidate, which is then stored until expires, the end of the day.
	// Whoever asks for the same day gets the same salt, at the same moment too.
	SettleSalt(ctx context.Context, zone string, day event.Day, expires time.Time, candidate Salt) (Salt, error)
	// ForgetSalts throws away for good the salts that expire at now or before.
	ForgetSalts(ctx context.Context, now time.Time) error
}

const (
	sweepEvery    = time.Minute     // between two looks at the salts
	settleTimeout = 3 * time.Second // of the store, while a request waits
	forgetTimeout = time.Minute     // of the store, while nobody waits
	// aheadOfDay is how long before a day its salt is settled, so that a store
	// that is away at midnight does not matter.
	aheadOfDay = 2 * time.Hour
)

// localDay is a day in a zone: all projects of the zone share its salt, and
// are told apart by the hash.
type localDay struct {
	zone string
	date event.Day
}

// daySalt is the salt of a day. Its fields but used do not change.
type daySalt struct {
	zone    *time.Location
	secret  Salt
	expires time.Time
	settled bool // in the store, so that all processes have it
	used    atomic.Bool
}

// salts are those that a process knows. It is safe for concurrent use.
type salts struct {
	store Store
	clock func() time.Time
	log   *zap.Logger

	mu      sync.RWMutex
	known   map[localDay]*daySalt
	flights singleflight.Group
}

func newSalts(store Store, clock func() time.Time, log *zap.Logger) *salts {
	return &salts{store: store, clock: clock, log: log, known: map[localDay]*daySalt{}}
}

// of returns the salt of the day that it is in a zone. The first one who asks
// waits for the store. If the store is away, this process makes do with a salt
// of its own until the store answers.
func (s *salts) of(ctx context.Context, zone *time.Location, now time.Time) Salt {
	day := localDay{zone.String(), event.DayOf(event.MillisOf(now), zone)}
	found := s.get(day)
	if found == nil {
		made, _, _ := s.flights.Do(day.zone+day.date.String(), func() (any, error) {
			if found := s.get(day); found != nil {
				return found, nil
			}
			return s.settle(context.WithoutCancel(ctx), day, zone, newSalt()), nil
		})
		found = made.(*daySalt)
	}
	found.used.Store(true)
	return found.secret
}

func newSalt() (secret Salt) {
	_, _ = rand.Read(secret[:]) // never fails, see crypto/rand
	return secret
}

func (s *salts) get(day localDay) *daySalt {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.known[day]
}

// settle asks the store for a day's salt and remembers it.
func (s *salts) settle(ctx context.Context, day localDay, zone *time.Location, candidate Salt) *daySalt {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	made := &daySalt{zone: zone, secret: candidate, expires: endOf(day.date, zone)}
	secret, err := s.store.SettleSalt(ctx, day.zone, day.date, made.expires, candidate)
	if err == nil {
		made.secret, made.settled = secret, true
	} else if !errors.Is(err, context.Canceled) {
		s.log.Warn("the salt of the day cannot be shared for now; visitors may count twice", zap.Error(err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if before := s.known[day]; before != nil {
		made.used.Store(before.used.Load())
	}
	s.known[day] = made
	return made
}

// endOf is the moment at which a day is over in a zone. Where the clock jumps
// over midnight, time.Date may be off by the jump; jumps are whole quarters of
// an hour.
func endOf(date event.Day, zone *time.Location) time.Time {
	const quarter = 15 * time.Minute
	next := date.Time().AddDate(0, 0, 1)
	end := time.Date(next.Year(), next.Month(), next.Day(), 0, 0, 0, 0, zone)
	for event.DayOf(event.MillisOf(end), zone) <= date {
		end = end.Add(quarter)
	}
	for event.DayOf(event.MillisOf(end.Add(-quarter)), zone) > date {
		end = end.Add(-quarter)
	}
	return end.UTC()
}

// lookAfter sweeps now and then until ctx ends.
func (s *salts) lookAfter(ctx context.Context) {
	every := time.NewTicker(sweepEvery)
	defer every.Stop()
	for {
		s.sweep(ctx)
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

// sweep throws away the salts of days that are over, here and in the store,
// shares those that could not be shared before, and sees to those of days that
// will begin soon.
func (s *salts) sweep(ctx context.Context) {
	now := s.clock()
	for day, salt := range s.unexpired(now) {
		if !salt.settled {
			s.settle(ctx, day, salt.zone, salt.secret)
		}
		next := localDay{day.zone, event.DayOf(event.MillisOf(salt.expires), salt.zone)}
		if salt.used.Load() && salt.expires.Sub(now) <= aheadOfDay && s.get(next) == nil {
			s.settle(ctx, next, salt.zone, newSalt())
		}
	}
	ctx, cancel := context.WithTimeout(ctx, forgetTimeout)
	defer cancel()
	if err := s.store.ForgetSalts(ctx, now); err != nil && !errors.Is(err, context.Canceled) {
		s.log.Warn("salts of days that are over cannot be thrown away; it is tried again", zap.Error(err))
	}
}

// unexpired forgets the salts of days that are over and returns the others.
func (s *salts) unexpired(now time.Time) map[localDay]*daySalt {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := map[localDay]*daySalt{}
	for day, salt := range s.known {
		if !salt.expires.After(now) {
			delete(s.known, day)
			continue
		}
		rest[day] = salt
	}
	return rest
}

// unshared is how many salts only this process has.
func (s *salts) unshared() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 0
	for _, salt := range s.known {
		if !salt.settled {
			n++
		}
	}
	return n
}
