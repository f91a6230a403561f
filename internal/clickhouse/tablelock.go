package clickhouse

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	lockBeat  = 2 * time.Second  // how often a holder shows that it lives
	lockStale = 20 * time.Second // a lock that has not changed for so long is taken over
)

// tableLock is a lock between processes that share a ClickHouse, which has no
// advisory locks: CREATE TABLE without IF NOT EXISTS succeeds for one of them.
// The holder keeps changing the table's comment; a lock whose comment stands
// still belonged to a process that died.
type tableLock struct {
	name  string
	stale time.Duration // silence after which a holder is dead; 0: lockStale
	owner string        // this holder's name in the comment
	stop  context.CancelFunc
	done  chan struct{}
}

// Lock waits until this process holds the lock or ctx ends.
func (l *tableLock) Lock(ctx context.Context, db *sql.DB) error {
	owner := uuid.NewString()
	var last string
	changed := time.Now()
	for {
		create := fmt.Sprintf("CREATE TABLE %s (holder UInt8 COMMENT 'no rows') ENGINE = Null COMMENT '%s'", l.name, l.comment(owner))
		_, err := db.ExecContext(ctx, create)
		if err == nil {
			l.owner = owner
			l.beat(ctx, db, owner)
			return nil
		}
		if code, ok := CodeOf(err); !ok || code != 57 { // 57: TABLE_ALREADY_EXISTS
			return fmt.Errorf("lock %s: %w", l.name, err)
		}
		comment, err := l.read(ctx, db)
		if err != nil {
			return err
		}
		if comment != last {
			last, changed = comment, time.Now()
		} else if time.Since(changed) > l.silence() {
			if err := l.dropIf(ctx, db, comment); err != nil {
				return err
			}
			continue
		}
		select {
		case <-time.After(lockBeat / 4):
		case <-ctx.Done():
			return fmt.Errorf("lock %s, held by %s: %w", l.name, last, ctx.Err())
		}
	}
}

func (l *tableLock) silence() time.Duration {
	if l.stale > 0 {
		return l.stale
	}
	return lockStale
}

// Unlock gives the lock back, unless another process has taken it over.
func (l *tableLock) Unlock(ctx context.Context, db *sql.DB) error {
	l.stop()
	<-l.done
	comment, err := l.read(ctx, db)
	if err != nil || !strings.Contains(comment, l.owner) {
		return err
	}
	return l.drop(ctx, db)
}

// dropIf drops a lock that still stands as it was seen: another waiter may have
// taken it over in between. What is left is the moment between look and drop,
// in which two takeovers of a dead process's lock could meet; the migrations
// are idempotent, statement by statement.
func (l *tableLock) dropIf(ctx context.Context, db *sql.DB, seen string) error {
	comment, err := l.read(ctx, db)
	if err != nil || comment != seen {
		return err
	}
	return l.drop(ctx, db)
}

// beat keeps the comment moving until Unlock. A failed beat is not an error of
// its own: at worst a waiter takes over a lock whose holder cannot write.
func (l *tableLock) beat(ctx context.Context, db *sql.DB, owner string) {
	ctx, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	l.done = make(chan struct{})
	go func() {
		defer close(l.done)
		tick := time.NewTicker(min(lockBeat, l.silence()/4))
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_, _ = db.ExecContext(ctx, fmt.Sprintf("ALTER TABLE %s MODIFY COMMENT '%s'", l.name, l.comment(owner)))
			case <-ctx.Done():
				return
			}
		}
	}()
}

func (l *tableLock) comment(owner string) string {
	return fmt.Sprintf("pid %d, %s, %d", os.Getpid(), owner, time.Now().UnixNano())
}

func (l *tableLock) read(ctx context.Context, db *sql.DB) (string, error) {
	var comment string
	err := db.QueryRowContext(ctx, "SELECT any(comment) FROM system.tables WHERE database = currentDatabase() AND name = ?", l.name).Scan(&comment)
	if err != nil {
		return "", fmt.Errorf("lock %s: read its holder: %w", l.name, err)
	}
	return comment, nil
}

func (l *tableLock) drop(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, "DROP TABLE IF EXISTS "+l.name+" SYNC"); err != nil {
		return fmt.Errorf("lock %s: drop: %w", l.name, err)
	}
	return nil
}
