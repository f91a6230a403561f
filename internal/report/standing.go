package report

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"ibarura/internal/freshness"
)

// standing is what has landed in a project, as it was read some time ago.
type standing struct {
	*freshness.Stand
	asked time.Time // before it was read, by our clock
	now   time.Time // of the question, by our clock
}

// asOf returns the moment for which a derived part holds about some days: zero if
// nothing has landed there since. It is false if the part has nothing to say, or
// is older than maxAge.
func (s *standing) asOf(part freshness.Part, role string, days freshness.Days, maxAge time.Duration) (time.Time, bool) {
	if s == nil {
		return time.Time{}, false
	}
	run, derived := s.Runs[part]
	if !derived || role != "" && !slices.Contains(run.Roles, role) {
		return time.Time{}, false
	}
	elapsed := s.now.Sub(s.asked)
	asOf, fresh := s.AsOf(run, days, maxAge, elapsed)
	if fresh && asOf.Equal(s.At) && elapsed <= 0 {
		return time.Time{}, true
	}
	return asOf, fresh
}

// runParam names the run of a part that is in force.
func (s *standing) runParam(part freshness.Part) params {
	if s == nil {
		return params{"run": "0"}
	}
	return params{"run": strconv.FormatUint(s.Runs[part].ID, 10)}
}

var errNoStand = errors.New("it could not be read what has landed")

// standings remembers what was last read of each project. It is safe for
// concurrent use.
type standings struct {
	runner Runner
	clock  func() time.Time

	mu    sync.Mutex
	known map[string]*standing
}

// look returns what has landed in a project, read at most age before now.
func (s *standings) look(ctx context.Context, project string, now time.Time, age time.Duration) (*standing, error) {
	if known := s.remembered(project); known != nil && now.Sub(known.asked) <= age && age > 0 {
		return &standing{known.Stand, known.asked, now}, nil
	}
	read := &standing{asked: s.clock()}
	_, err := s.runner.Query(ctx, "stand", freshness.Query, params{"project": project}, func(scan func(dest ...any) error) (err error) {
		read.Stand, err = freshness.Scan(scan)
		return err
	})
	if err == nil && read.Stand == nil {
		err = errNoStand
	}
	if err != nil {
		return nil, err
	}
	s.remember(project, read)
	return &standing{read.Stand, read.asked, read.asked}, nil
}

func (s *standings) remembered(project string) *standing {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[project]
}

// remember keeps the newer one.
func (s *standings) remember(project string, read *standing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.known[project]; known == nil || known.asked.Before(read.asked) {
		s.known[project] = read
	}
}
