package jobs

import (
	"time"

	"ibarura/internal/clickhouse"
)

const (
	firstRetry   = time.Minute // after a run that failed; it doubles
	longestRetry = time.Hour
)

// due says what is to be run at a moment, seen what was run last. A run whose
// process is silent is to be given up first.
func due(s Schedule, last clickhouse.JobRun, found bool, now time.Time, lease time.Duration) (next clickhouse.JobRun, is, lost bool) {
	if !found {
		return clickhouse.JobRun{Due: time.Unix(0, 0).UTC(), Attempt: 1}, true, false
	}
	again := clickhouse.JobRun{Due: last.Due, Attempt: last.Attempt + 1}
	if last.Outcome == clickhouse.RunRunning {
		return again, last.Silence > lease, last.Silence > lease
	}
	if at := s.Next(last.Started); !at.IsZero() && !at.After(now) {
		return clickhouse.JobRun{Due: at, Attempt: 1}, true, false
	}
	switch last.Outcome {
	case clickhouse.RunLost:
		return again, true, false
	case clickhouse.RunFailed:
		return again, now.Sub(last.Ended) >= retryAfter(last.Attempt), false
	}
	return clickhouse.JobRun{}, false, false
}

func retryAfter(attempt uint16) time.Duration {
	pause := firstRetry
	for n := uint16(1); n < attempt && pause < longestRetry; n++ {
		pause *= 2
	}
	return min(pause, longestRetry)
}

// NextRun is when a job is due, seen what was run last.
func NextRun(s Schedule, last clickhouse.JobRun, found bool, now time.Time) time.Time {
	switch next := s.Next(last.Started); {
	case !found:
		return now
	case last.Outcome == clickhouse.RunLost:
		return now
	case last.Outcome == clickhouse.RunFailed:
		if again := last.Ended.Add(retryAfter(last.Attempt)); next.IsZero() || again.Before(next) {
			return again
		}
		return next
	default:
		return next
	}
}
