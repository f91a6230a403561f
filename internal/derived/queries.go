package derived

import (
	"context"
	"embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ibarura/internal/event"
)

// queryFiles holds one statement a file.
//
//go:embed sql/*.sql
var queryFiles embed.FS

// Database runs statements as a user that may write. params are bound by the
// server; each is called for every row, in order, and must not keep scan.
type Database interface {
	Exec(ctx context.Context, name, sql string, params map[string]string) error
	Query(ctx context.Context, name, sql string, params map[string]string, each func(scan func(dest ...any) error) error) error
	// Claim reports whether this process, named holder, was the first to ask for
	// an attempt to derive a part of a project after a run.
	Claim(ctx context.Context, project, part string, after uint64, attempt uint32, holder string) (bool, error)
}

// params are the parameters of a statement, as text.
type params map[string]string

func statement(name string) string {
	text, err := queryFiles.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(fmt.Sprintf("derived: no query %q", name)) // an embedded file; the tests run them all
	}
	return string(text)
}

func number[T ~uint16 | ~uint32 | ~uint64 | ~int | ~int64](n T) string {
	return strconv.FormatUint(uint64(n), 10)
}

func numbers[T ~uint16 | ~uint64](list []T) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = number(n)
	}
	return "[" + strings.Join(texts, ",") + "]"
}

// literal escapes what would end or alter a quoted element of an array.
var literal = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

func texts(list []string) string {
	quoted := make([]string, len(list))
	for i, v := range list {
		quoted[i] = "'" + literal.Replace(v) + "'"
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// monthOf returns the first day of a day's month, and next the first of the one
// n months later.
func monthOf(d event.Day) event.Day { return d - event.Day(d.Time().Day()-1) }

func addMonths(first event.Day, n int) event.Day {
	t := first.Time().AddDate(0, n, 0)
	if t.Year() < 1970 {
		return 0
	}
	return event.Day(t.Unix() / int64(24*time.Hour/time.Second))
}

// mondayOf returns the Monday on or before a day; 1970 began on a Thursday, and
// its first days count to the Monday before, which there is no date for.
func mondayOf(d event.Day) event.Day { return d - min(d, (d+3)%7) }
