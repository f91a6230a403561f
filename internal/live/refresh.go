package live

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"ibarura/internal/event"
)

// History tells what the tables have of the last half hour, whichever process
// took it in. projects names some; nil: all.
type History interface {
	// RecentPeople calls each for the persons who were there since a moment, with
	// the time at which they were last seen: at most limit of a project, those
	// with the smallest hashes, in their order.
	RecentPeople(ctx context.Context, since time.Time, projects []string, limit int, each func(project string, person uint64, last time.Time)) error
	// RecentCounts calls each for every stretch of so many seconds since a moment
	// in which there was something: events, and page views of people.
	RecentCounts(ctx context.Context, since time.Time, projects []string, seconds int, each func(project string, from time.Time, events, pageViews uint64)) error
}

const refreshTimeout = 20 * time.Second

// sparing is how much longer than a look into the tables takes the next one waits:
// looking may cost a twentieth of a processor.
const sparing = 20

// Refill takes over what the tables have, so that a restart does not show an
// empty room.
func (h *Hub) Refill(ctx context.Context) error {
	if h.options.MaxReaders == 0 {
		return nil
	}
	err := h.read(ctx, nil)
	if err == nil {
		h.whole.Store(true)
	}
	return err
}

// refresh reads the tables again and again for the projects that are watched:
// other processes take in rows of them too.
func (h *Hub) refresh() {
	if h.options.Refresh == 0 {
		return
	}
	for {
		began := time.Now()
		if watched := h.watched(); len(watched) > 0 {
			if err := h.read(h.ctx, watched); err != nil && h.ctx.Err() == nil {
				h.metrics.refreshFailed.Inc()
				h.log.Warn("the live view cannot read the tables", zap.Error(err))
			}
		}
		if !h.pause(max(time.Second, sparing*time.Since(began))) {
			return
		}
	}
}

// pause waits until the next look is due, but not longer than least once
// somebody watches what was not watched.
func (h *Hub) pause(least time.Duration) bool {
	timer := time.NewTimer(max(h.options.Refresh, least))
	defer timer.Stop()
	wake := h.wake
	for {
		select {
		case <-timer.C:
			return true
		case <-wake:
			timer.Reset(min(h.options.Refresh, least))
			wake = nil
		case <-h.ctx.Done():
			return false
		}
	}
}

func (h *Hub) watched() (names []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, p := range h.projects {
		if len(p.topics) > 0 {
			names = append(names, name)
		}
	}
	return names
}

// found is what the tables have of a project.
type found struct {
	people []foundPerson
	counts map[slot]Counts
}

type foundPerson struct {
	person uint64
	last   slot
}

// read asks the tables without holding anybody up, and then takes it all over.
func (h *Hub) read(ctx context.Context, projects []string) error {
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	all := map[string]*found{}
	for _, name := range projects {
		all[name] = &found{counts: map[slot]Counts{}}
	}
	of := func(project string) *found {
		if all[project] == nil {
			all[project] = &found{counts: map[slot]Counts{}}
		}
		return all[project]
	}
	since := h.clock().Add(-longWindow.duration())
	err := h.history.RecentPeople(ctx, since, projects, h.options.MaxPersons+1, func(project string, person uint64, last time.Time) {
		f := of(project)
		f.people = append(f.people, foundPerson{person, slotOf(event.MillisOf(last))})
	})
	if err != nil {
		return fmt.Errorf("read who was there lately: %w", err)
	}
	err = h.history.RecentCounts(ctx, since, projects, slotSeconds, func(project string, from time.Time, events, pageViews uint64) {
		of(project).counts[slotOf(event.MillisOf(from))] = Counts{events, pageViews}
	})
	if err != nil {
		return fmt.Errorf("read what happened lately: %w", err)
	}
	for name, f := range all {
		h.adopt(name, f)
	}
	return nil
}

func (h *Hub) adopt(name string, f *found) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.at(name, h.clock()).window
	if len(f.people) > h.options.MaxPersons { // the list was cut: whoever is beyond its last hash is not known
		w.raise(max(w.level, min(rankOf(f.people[len(f.people)-1].person)+1, maxLevel)))
	}
	for _, p := range f.people {
		w.see(p.person, p.last)
	}
	for at, c := range f.counts {
		if at <= w.now && at+longWindow >= w.now {
			w.stored[at%ringSlots] = c
		}
	}
	w.whole = true
}

func (s slot) duration() time.Duration { return time.Duration(s) * slotSeconds * time.Second }
