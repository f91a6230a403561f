package clickhouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Outcomes of a verification.
const (
	VerificationRunning = "running"
	VerificationEqual   = "equal"
	VerificationDrift   = "drift"
	VerificationFailed  = "failed"
)

// Verification is a scheduled comparison of the aggregates with raw.
type Verification struct {
	Started   time.Time
	Ended     time.Time
	Host      string
	Outcome   string
	Differing map[string]uint64 // rows, by aggregate
}

// Verifications is where they are noted, for all processes.
type Verifications struct{ Conn driver.Conn }

// Begin notes that one begins now, and returns it.
func (v Verifications) Begin(ctx context.Context, host string) (Verification, error) {
	run := Verification{Host: host, Outcome: VerificationRunning}
	if err := v.Conn.QueryRow(quiet(ctx, nil), "SELECT now64(3, 'UTC')").Scan(&run.Started); err != nil {
		return run, fmt.Errorf("note a verification: %w", err)
	}
	return run, v.note(ctx, run)
}

// End notes what one has found.
func (v Verifications) End(ctx context.Context, run Verification) error { return v.note(ctx, run) }

func (v Verifications) note(ctx context.Context, run Verification) error {
	differing := "map("
	for table, rows := range run.Differing {
		if len(differing) > len("map(") {
			differing += ", "
		}
		differing += fmt.Sprintf("'%s', %d", table, rows) // names of our own tables
	}
	err := v.Conn.Exec(clickhouse.Context(ctx, clickhouse.WithParameters(map[string]string{
		"started": run.Started.UTC().Format("2006-01-02 15:04:05.000"), "host": run.Host, "outcome": run.Outcome,
	})), `INSERT INTO verifications
SELECT {started:DateTime64(3, 'UTC')}, {host:String}, {outcome:String}, now64(3, 'UTC'), CAST(`+differing+`), 'Map(LowCardinality(String), UInt64)')`)
	if err != nil {
		return fmt.Errorf("note a verification: %w", err)
	}
	return nil
}

// Last returns the last one that has ended, and when the last one ended that
// could tell. Zero times: there is none.
func (v Verifications) Last(ctx context.Context) (last Verification, told time.Time, err error) {
	rows, err := v.Conn.Query(quiet(ctx, nil), `SELECT started_at, ended_at, host, toString(outcome), CAST(differing, 'Map(String, UInt64)')
FROM verifications WHERE outcome != 'running' ORDER BY ended_at DESC LIMIT 50`)
	if err != nil {
		return last, told, fmt.Errorf("read the verifications: %w", err)
	}
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var run Verification
		if err := scan(&run.Started, &run.Ended, &run.Host, &run.Outcome, &run.Differing); err != nil {
			return fmt.Errorf("read the verifications: %w", err)
		}
		if last.Started.IsZero() {
			last = run
		}
		if told.IsZero() && run.Outcome != VerificationFailed {
			told = run.Ended
			last.Differing = run.Differing // what is known, also if a later one failed
		}
		return nil
	})
	return last, told, err
}
