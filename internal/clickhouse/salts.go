package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ibarura/internal/event"
)

// Salts keeps the salts that visitors are hashed with, in a table that only the
// writer may read. A salt travels in a block and never in the text of a
// statement, which the query log keeps.
type Salts struct{ Conn driver.Conn }

const (
	insertSalt = `INSERT INTO visitor_salts (zone, day, salt, expires_at)`

	selectSalt = `SELECT salt FROM visitor_salts WHERE zone = {zone:String} AND day = {day:Date} LIMIT 1`

	// expiredSalts are the partitions that hold nothing but days that are over.
	expiredSalts = `
SELECT DISTINCT toString(expires_at) FROM visitor_salts WHERE expires_at <= {now:DateTime64(3, 'UTC')}`

	dropSalts = `ALTER TABLE visitor_salts DROP PARTITION {expires_at:String}`
)

// SettleSalt returns the salt of a local day in a zone, which is candidate if
// there is none yet. The day is the token of its insert, so that of several
// processes that store one at the same moment the first wins.
func (s Salts) SettleSalt(ctx context.Context, zone string, day event.Day, expires time.Time, candidate [32]byte) ([32]byte, error) {
	salt, found, err := s.salt(ctx, zone, day)
	if err != nil || found {
		return salt, err
	}
	if err := s.store(ctx, zone, day, expires, candidate); err != nil {
		return salt, fmt.Errorf("store the salt of %s in %s: %w", day, zone, err)
	}
	salt, found, err = s.salt(ctx, zone, day)
	if err == nil && !found {
		err = fmt.Errorf("the salt of %s in %s is gone already", day, zone)
	}
	return salt, err
}

func (s Salts) salt(ctx context.Context, zone string, day event.Day) (salt [32]byte, found bool, err error) {
	rows, err := s.Conn.Query(clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{
		"zone": zone, "day": day.String(),
	})), selectSalt)
	if err != nil {
		return salt, false, fmt.Errorf("read the salt of %s in %s: %w", day, zone, err)
	}
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var text string
		if err := scan(&text); err != nil {
			return err
		}
		found = copy(salt[:], text) == len(salt)
		return nil
	})
	return salt, found, err
}

func (s Salts) store(ctx context.Context, zone string, day event.Day, expires time.Time, salt [32]byte) error {
	batch, err := s.Conn.PrepareBatch(clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"async_insert": 0, "insert_deduplicate": 1, "insert_deduplication_token": zone + " " + day.String(),
	})), insertSalt)
	if err != nil {
		return err
	}
	if err := batch.Append(zone, day.Time(), string(salt[:]), expires); err != nil {
		return errors.Join(err, batch.Abort())
	}
	return batch.Send()
}

// ForgetSalts drops the salts that expire at now or before; their files are
// deleted within seconds.
func (s Salts) ForgetSalts(ctx context.Context, now time.Time) error {
	var expired []string
	rows, err := s.Conn.Query(clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{
		"now": now.UTC().Format("2006-01-02 15:04:05.000"),
	})), expiredSalts)
	if err != nil {
		return fmt.Errorf("look for salts of days that are over: %w", err)
	}
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var partition string
		err := scan(&partition)
		expired = append(expired, partition)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for salts of days that are over: %w", err)
	}
	for _, partition := range expired {
		drop := clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{"expires_at": partition}))
		if err := s.Conn.Exec(drop, dropSalts); err != nil {
			return fmt.Errorf("drop the salts of days that ended at %s: %w", partition, err)
		}
	}
	return nil
}

// SeesSecrets names what the reader may read and must not: a server's users may
// be those of an older version.
func (r *Reader) SeesSecrets(ctx context.Context) []string {
	var seen []string
	for _, table := range []string{"visitor_salts", "link_keys", "report_recipients"} {
		var n uint64
		if r.conn.QueryRow(ctx, "SELECT count() FROM "+table).Scan(&n) == nil {
			seen = append(seen, table)
		}
	}
	return seen
}
