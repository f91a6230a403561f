package report

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// BordersAge is how old the borders of the tiers may be that an answer goes by.
// Rows are removed no sooner after their border was moved than that, and the time
// that an answer takes.
const BordersAge = 2 * time.Second

const bordersQuery = "borders"

// knownBorders remembers the borders of each project. It is safe for concurrent
// use.
type knownBorders struct {
	runner Runner
	clock  func() time.Time

	mu    sync.Mutex
	known map[string]readBorders
}

type readBorders struct {
	borders
	at time.Time // before they were read
}

// of returns the borders of a project.
func (k *knownBorders) of(ctx context.Context, project string) (borders, error) {
	now := k.clock()
	if known, found := k.remembered(project); found && now.Sub(known.at) < BordersAge && !now.Before(known.at) {
		return known.borders, nil
	}
	sql, err := statement(bordersQuery, predicates{})
	if err != nil {
		return borders{}, err
	}
	read := readBorders{at: now}
	_, err = k.runner.Query(ctx, bordersQuery, sql, params{"project": project}, func(scan func(dest ...any) error) error {
		var raw, people, counters uint16
		if err := scan(&raw, &people, &counters); err != nil {
			return err
		}
		read.borders = borders{borderOf(raw), borderOf(people), borderOf(counters)}
		return nil
	})
	if err != nil {
		return borders{}, fmt.Errorf("read how far back rows are kept: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known[project] = read
	return read.borders, nil
}

func (k *knownBorders) remembered(project string) (readBorders, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	known, found := k.known[project]
	return known, found
}

// borderOf reads a stored border: the first of all days is none.
func borderOf(day uint16) Date {
	if day == 0 {
		return Date{}
	}
	return dateOfDays(int64(day))
}
