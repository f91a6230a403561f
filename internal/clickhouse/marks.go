package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// marks say which rows of a raw table a snapshot has. The numbers of rows begin
// with that of the log that they came by, and a log is loaded in its order:
// behind a fence, what a log has brought in is all of it up to some number.
type marks struct {
	rows    uint64
	highest map[uint64]uint64 // seq, by the number of the log
}

// after is the condition for rows that the snapshot does not have.
func (m marks) after() string {
	if len(m.highest) == 0 {
		return "true"
	}
	logs, highest := make([]string, 0, len(m.highest)), make([]string, 0, len(m.highest))
	for log, seq := range m.highest {
		logs, highest = append(logs, fmt.Sprint(log)), append(highest, fmt.Sprint(seq))
	}
	known := fmt.Sprintf("indexOf([%s], bitShiftRight(seq, 40))", strings.Join(logs, ","))
	return fmt.Sprintf("(%[1]s = 0 OR seq > [%[2]s][%[1]s])", known, strings.Join(highest, ","))
}

// readMarks looks which rows the snapshots have.
func (r Rebuilder) readMarks(ctx context.Context, u *Unit) error {
	u.marks = map[string]marks{}
	for _, name := range u.raw() {
		m := marks{highest: map[uint64]uint64{}}
		rows, err := r.Conn.Query(r.Limits.bound(ctx, nil),
			"SELECT bitShiftRight(seq, 40) AS log, max(seq), count() FROM "+r.table("snap", name)+" WHERE "+u.days()+" GROUP BY log")
		if err != nil {
			return fmt.Errorf("read the numbers of %s: %w", name, err)
		}
		err = forEach(rows, func(scan func(dest ...any) error) error {
			var log, highest, n uint64
			if err := scan(&log, &highest, &n); err != nil {
				return fmt.Errorf("read the numbers of %s: %w", name, err)
			}
			m.highest[log] = highest
			m.rows += n
			return nil
		})
		if err != nil {
			return err
		}
		u.marks[name] = m
	}
	return nil
}

// news reports whether raw has rows that the snapshots lack, and fails if they
// are not those above the marks alone.
func (r Rebuilder) news(ctx context.Context, u *Unit) (bool, error) {
	some := false
	for name, m := range u.marks {
		var rows, later uint64
		err := r.Conn.QueryRow(r.Limits.bound(ctx, nil), "SELECT count(), countIf("+m.after()+") FROM "+name+" WHERE "+u.days()).Scan(&rows, &later)
		if err != nil {
			return false, fmt.Errorf("look what has come since: %w", err)
		}
		if rows != m.rows+later {
			return false, fmt.Errorf("%w: %s has %d rows, of which %d are new, and had %d", ErrMoved, name, rows, later, m.rows)
		}
		some = some || later > 0
	}
	return some, nil
}

// rawIsThere refuses to make an aggregate anew from nothing.
func (r Rebuilder) rawIsThere(ctx context.Context, u *Unit) error {
	if r.EvenEmpty {
		return nil
	}
	// Sums by years come from those by days, which outlive the raw rows.
	kept := append(u.raw(), slices.DeleteFunc(u.bases(), u.has)...)
	for _, name := range kept {
		if some, err := r.any(ctx, r.table("snap", name), u.days()); err != nil || some {
			return err
		}
	}
	for _, a := range u.aggregates {
		where := "true"
		if u.partition != "" {
			where = fmt.Sprintf("_partition_id = '%s'", u.partition)
		}
		some, err := r.any(ctx, a.name, where)
		if err != nil {
			return err
		}
		if some {
			return fmt.Errorf("%s: %w", a.name, ErrNoRaw)
		}
	}
	return nil
}

// any reports whether a table has such rows, of the project that is rebuilt.
func (r Rebuilder) any(ctx context.Context, table, where string) (bool, error) {
	var some bool
	err := r.Conn.QueryRow(r.bound(ctx), "SELECT count() > 0 FROM (SELECT 1 FROM "+table+" WHERE "+where+r.ofProject()+" LIMIT 1)").Scan(&some)
	if err != nil {
		return false, fmt.Errorf("look whether %s has rows: %w", table, err)
	}
	return some, nil
}
