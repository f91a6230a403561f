package clickhouse

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cespare/xxhash/v2"

	"ibarura/internal/event"
)

// ProjectDay is a local day of a project.
type ProjectDay struct {
	Project string
	Day     event.Day
}

// Landed keeps the watermarks: which landings of rows have begun on each day and
// which have ended. Whoever changes raw rows or what aggregates say of them
// calls Begin before the first change can be seen, and End when all of them can
// be. A token names a landing; the same one again changes nothing.
type Landed struct {
	Inserter *Inserter
	Conn     driver.Conn
}

// Begin says that rows of some days, each named once, are about to land.
func (l Landed) Begin(ctx context.Context, days []ProjectDay, token string) error {
	return l.mark(ctx, days, token, "begun")
}

// End says that all rows of the landing can be queried.
func (l Landed) End(ctx context.Context, days []ProjectDay, token string) error {
	return l.mark(ctx, days, token, "ended")
}

func (l Landed) mark(ctx context.Context, days []ProjectDay, token, column string) error {
	if len(days) == 0 {
		return nil
	}
	projects, dates := new(proto.ColStr).LowCardinality(), new(proto.ColDate)
	marks := new(proto.ColUInt64)
	for _, d := range days {
		projects.Append(d.Project)
		*dates = append(*dates, proto.Date(d.Day))
		marks.Append(markOf(token, d))
	}
	return l.Inserter.Insert(ctx, "landed", proto.Input{
		{Name: "project", Data: projects}, {Name: "day", Data: dates}, {Name: column, Data: marks},
	}, token+":"+column, nil)
}

// markOf is a landing's mark on a day: of no other landing, and of no other
// day, so that sums of marks are equal only where the landings are.
func markOf(token string, d ProjectDay) uint64 {
	hash := xxhash.New()
	_, _ = hash.WriteString(token)
	_, _ = hash.Write(binary.LittleEndian.AppendUint16(nil, uint16(d.Day)))
	_, _ = hash.WriteString(d.Project)
	return hash.Sum64()
}

// Within lists the days from one date up to another, out, on which anything has
// ever landed, of all projects.
func (l Landed) Within(ctx context.Context, from, to event.Day) ([]ProjectDay, error) {
	rows, err := l.Conn.Query(parameters(ctx, map[string]string{"from": from.String(), "to": to.String()}),
		`SELECT DISTINCT toString(project), toUInt16(day) FROM landed WHERE day >= {from:Date} AND day < {to:Date}`)
	if err != nil {
		return nil, fmt.Errorf("ask on which days something has landed: %w", err)
	}
	var days []ProjectDay
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var project string
		var day uint16
		if err := scan(&project, &day); err != nil {
			return fmt.Errorf("ask on which days something has landed: %w", err)
		}
		days = append(days, ProjectDay{project, event.Day(day)})
		return nil
	})
	return days, err
}

// Settle says of every day of some months, given by their first days, that
// something else is there than before and that nothing is under way: after a
// loss, when landings may have lost one of their marks. Nobody else may write
// meanwhile.
func (l Landed) Settle(ctx context.Context, months []time.Time) error {
	mark := strconv.FormatUint(xxhash.Sum64String(time.Now().String()), 10)
	for _, month := range months {
		err := l.Conn.Exec(parameters(ctx, map[string]string{
			"from": month.Format(time.DateOnly), "to": month.AddDate(0, 1, 0).Format(time.DateOnly), "mark": mark,
		}), `INSERT INTO landed (project, day, begun, ended)
SELECT project, day, {mark:UInt64}, toUInt64({mark:UInt64} + sum(l.begun) - sum(l.ended))
FROM landed AS l
WHERE day >= {from:Date} AND day < {to:Date}
GROUP BY project, day`)
		if err != nil {
			return fmt.Errorf("settle what has landed in %s: %w", month.Format("2006-01"), err)
		}
	}
	return nil
}
