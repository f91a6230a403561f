package clickhouse

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// repairPrefix begins the name of every table that a repair makes for itself;
// the claim follows.
const repairPrefix = "repair_"

// RepairTable names a table that belongs to a claim: it goes when the claim is
// over, or lost. Who has to be sure that a statement does nothing once its
// claim is lost lets the statement read from such a table.
func RepairTable(claim, name string) string { return repairPrefix + claim + "_" + name }

// DropTables drops the tables of some claims and returns once nothing uses them
// any more.
func (f Fences) DropTables(ctx context.Context, of func(claim string) bool) error {
	rows, err := f.Conn.Query(quiet(ctx, map[string]string{"pattern": "^" + repairPrefix + "([0-9a-f]+)_"}),
		"SELECT name, extract(name, {pattern:String}) AS claim FROM system.tables WHERE database = currentDatabase() AND claim != ''")
	if err != nil {
		return fmt.Errorf("list the tables of repairs: %w", err)
	}
	var names []string
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var name, claim string
		if err := scan(&name, &claim); err != nil {
			return fmt.Errorf("list the tables of repairs: %w", err)
		}
		if of(claim) {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := f.Conn.Exec(ctx, "DROP TABLE IF EXISTS "+name+" SYNC"); err != nil {
			return fmt.Errorf("drop the table of a repair: %w", err)
		}
	}
	return nil
}

// RepairLock lets one tool at a time repair, among all processes that share a
// ClickHouse.
type RepairLock struct {
	db   *sql.DB
	lock *tableLock
}

// NewRepairLock connects when it is first used.
func NewRepairLock(t Target) *RepairLock {
	return &RepairLock{db: clickhouse.OpenDB(t.options(t.User, t.Password, t.Database)), lock: &tableLock{name: "repair_lock"}}
}

// StaleAfter sets the silence after which a holder is taken to be dead, the same
// in all processes. It returns the lock.
func (l *RepairLock) StaleAfter(silence time.Duration) *RepairLock {
	l.lock.stale = silence
	return l
}

// Lock waits until it has the lock, or ctx ends. A holder that died loses it
// after some 20 s.
func (l *RepairLock) Lock(ctx context.Context) error { return l.lock.Lock(ctx, l.db) }

// unlockTimeout bounds giving the lock back.
const unlockTimeout = 10 * time.Second

// Close gives the lock back, if it is held, and ends the connections.
func (l *RepairLock) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), unlockTimeout)
	defer cancel()
	var err error
	if l.lock.owner != "" {
		err = l.lock.Unlock(ctx, l.db)
	}
	if closed := l.db.Close(); err == nil {
		err = closed
	}
	return err
}
