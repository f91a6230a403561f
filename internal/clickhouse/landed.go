package clickhouse

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
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

// Settle says of every day of some months, given by their first days, that
// something else is there than before and that nothing is under way: after a
// loss, when landings may have lost one of their marks. Nobody else may write
// meanwhile.
func (l Landed) Settle(ctx context.Context, months []time.Time) error {
	for _, month := range months {
		if err := l.settle(ctx, "", month, month.AddDate(0, 1, 0)); err != nil {
			return err
		}
	}
	return nil
}

// Changing is what a Rebuilder calls behind its fence: from before the first
// change to the last one no answer about these months is taken for a fresh one.
func (l Landed) Changing(ctx context.Context, months []time.Time, done bool) error {
	from, to := event.Day(0).Time(), event.MaxDay.Time()
	if len(months) > 0 {
		from, to = months[0], months[len(months)-1].AddDate(0, 1, 0)
	}
	if done {
		return l.settle(ctx, "", from, to)
	}
	return l.open(ctx, "", from, to)
}

// Erasing is called before anything of a person goes, and with done when all has,
// while nothing is loaded: meanwhile no answer about the project is taken for a
// fresh one, and none from before is afterwards. Repeated, it ends what an
// earlier call began.
func (l Landed) Erasing(ctx context.Context, project string, done bool) error {
	from, to := event.Day(0).Time(), event.MaxDay.Time()
	if done {
		return l.settle(ctx, project, from, to)
	}
	return l.open(ctx, project, from, to)
}

func (l Landed) open(ctx context.Context, project string, from, to time.Time) error {
	return l.days(ctx, project, from, to, `INSERT INTO landed (project, day, begun)
SELECT project, day, {mark:UInt64}
FROM landed
WHERE day >= {from:Date} AND day < {to:Date} AND ({project:String} = '' OR project = {project:String})
GROUP BY project, day`)
}

func (l Landed) settle(ctx context.Context, project string, from, to time.Time) error {
	return l.days(ctx, project, from, to, `INSERT INTO landed (project, day, begun, ended)
SELECT project, day, {mark:UInt64}, toUInt64({mark:UInt64} + sum(l.begun) - sum(l.ended))
FROM landed AS l
WHERE day >= {from:Date} AND day < {to:Date} AND ({project:String} = '' OR project = {project:String})
GROUP BY project, day`)
}

// days marks every day from one date up to another, out, on which anything has
// ever landed, of one project or, if none is named, of all.
func (l Landed) days(ctx context.Context, project string, from, to time.Time, insert string) error {
	err := l.Conn.Exec(parameters(ctx, map[string]string{
		"project": project, "from": from.Format(time.DateOnly), "to": to.Format(time.DateOnly), "mark": strconv.FormatUint(rand.Uint64(), 10), //nolint:gosec // tells marks apart, and keeps nothing secret
	}), insert)
	if err != nil {
		return fmt.Errorf("mark the days from %s to %s: %w", from.Format(time.DateOnly), to.Format(time.DateOnly), err)
	}
	return nil
}
