package freshness

import (
	_ "embed"
	"fmt"
	"time"

	"ibarura/internal/event"
)

// Query reads the Stand of {project:String}: one row, for Scan.
//
//go:embed stand.sql
var Query string

// row is what Query answers with: lists side by side.
type row struct {
	at           time.Time
	days         []uint16
	begun, ended []uint64

	parts    []string
	runs     []uint64
	asOf     []time.Time
	took     []uint32
	kept     []uint16
	roles    [][]string
	seenDays [][]uint16
	seen     [][]uint64
}

// Scan reads the row of Query. scan must not be kept.
func Scan(scan func(dest ...any) error) (*Stand, error) {
	var r row
	err := scan(&r.at, &r.days, &r.begun, &r.ended, &r.parts, &r.runs, &r.asOf, &r.took, &r.kept, &r.roles, &r.seenDays, &r.seen)
	if err != nil {
		return nil, fmt.Errorf("read what has landed: %w", err)
	}
	s := &Stand{At: r.at, Marks: make(map[event.Day]Mark, len(r.days)), Runs: make(map[Part]Run, len(r.parts))}
	for i, day := range r.days {
		s.Marks[event.Day(day)] = Mark{r.begun[i], r.ended[i]}
	}
	for i, part := range r.parts {
		s.Runs[Part(part)] = r.run(i)
	}
	return s, nil
}

func (r *row) run(i int) Run {
	run := Run{
		ID: r.runs[i], AsOf: r.asOf[i], Took: time.Duration(r.took[i]) * time.Millisecond, Kept: event.Day(r.kept[i]), Roles: r.roles[i],
		Seen: make(map[event.Day]uint64, len(r.seenDays[i])),
	}
	for j, day := range r.seenDays[i] {
		run.Seen[event.Day(day)] = r.seen[i][j]
	}
	return run
}
