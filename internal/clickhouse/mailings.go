package clickhouse

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Mailing is when the reports of a project about a period are sent, and in which
// language.
type Mailing struct {
	Project  string
	Period   string
	Schedule string // a cron expression, in the zone of the project
	Language string
	Version  uint64
}

// Mailings is where they are kept, and the keys of links.
type Mailings struct{ Conn driver.Conn }

// List returns what was set, by project and period.
func (m Mailings) List(ctx context.Context) ([]Mailing, error) {
	rows, err := m.Conn.Query(quiet(ctx, nil), `SELECT project, toString(period), schedule, toString(language), version
FROM report_schedules FINAL ORDER BY project, period`)
	if err != nil {
		return nil, fmt.Errorf("read when reports are sent: %w", err)
	}
	var list []Mailing
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var one Mailing
		if err := scan(&one.Project, &one.Period, &one.Schedule, &one.Language, &one.Version); err != nil {
			return fmt.Errorf("read when reports are sent: %w", err)
		}
		list = append(list, one)
		return nil
	})
	return list, err
}

// Put stores one; its version has to be above that of the last.
func (m Mailings) Put(ctx context.Context, one Mailing) error {
	err := insertState(ctx, m.Conn, "INSERT INTO report_schedules (project, period, schedule, language, version)",
		one.Project, one.Period, one.Schedule, one.Language, one.Version)
	if err != nil {
		return fmt.Errorf("store when reports are sent: %w", err)
	}
	return nil
}

// SettleLinkKey returns the key of that name, which is candidate if there is none
// yet: whoever asks gets the same one.
func (m Mailings) SettleLinkKey(ctx context.Context, name string, candidate [32]byte) ([32]byte, error) {
	key, found, err := m.linkKey(ctx, name)
	if err != nil || found {
		return key, err
	}
	now, err := serverNow(ctx, m.Conn)
	if err == nil {
		err = insertClaim(ctx, m.Conn, "INSERT INTO link_keys (name, key, created_at)", name, name, string(candidate[:]), now)
	}
	if err != nil {
		return key, fmt.Errorf("store the key of links: %w", err)
	}
	key, found, err = m.linkKey(ctx, name)
	if err == nil && !found {
		err = fmt.Errorf("the key of links %q is gone already", name)
	}
	return key, err
}

func (m Mailings) linkKey(ctx context.Context, name string) (key [32]byte, found bool, err error) {
	rows, err := m.Conn.Query(quiet(ctx, map[string]string{"name": name}), "SELECT key FROM link_keys WHERE name = {name:String} LIMIT 1")
	if err != nil {
		return key, false, fmt.Errorf("read the key of links: %w", err)
	}
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var text string
		if err := scan(&text); err != nil {
			return fmt.Errorf("read the key of links: %w", err)
		}
		found = copy(key[:], text) == len(key)
		return nil
	})
	return key, found, err
}
