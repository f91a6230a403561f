package community

import (
	"embed"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
)

// files hold one statement each, but for tables.sql.
//
//go:embed sql/*.sql
var files embed.FS

func text(name string) string {
	sql, err := files.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err) // names are constants, and a test opens every one
	}
	return string(sql)
}

// job is one statement, by the name of its file.
type job struct {
	file   string
	params map[string]string
}

// plan is how a history is made: its stages come one after the other, and the
// jobs of one may run at once.
type plan [][]job

// newPlan is a pure function of the options.
func newPlan(o Options) plan {
	common := map[string]string{
		"seed": strconv.FormatUint(o.Seed, 10), "project": o.Project, "zone": o.Zone, "first": o.From.Format(time.DateOnly),
		"persons": number(o.persons()), "founders": number(o.founders()), "days": number(o.days()),
		"posts": number(o.posts()), "tags": number(tags), "rhythm": numbers(rhythm()),
		"history_end": o.To.Format(time.DateTime),
	}
	p := plan{{{"people", common}}, nil, nil, {{"landed", common}}}
	ends := dayEnds(o.From, o.days(), o.sessions())
	for month := o.From; month.Before(o.To); month = month.AddDate(0, 1, 0) {
		m := span{first: daysBetween(o.From, month), end: daysBetween(o.From, month.AddDate(0, 1, 0)), ends: ends}
		p[1] = append(p[1], job{"sessions", with(common, m.params())})
		p[2] = append(p[2], m.rows(common)...)
	}
	return p
}

// span is a month, as numbers of days.
type span struct {
	first, end int   // half-open
	ends       []int // of every day's sessions
}

func (m span) sessionsFrom() int {
	if m.first == 0 {
		return 0
	}
	return m.ends[m.first-1]
}

func (m span) params() map[string]string {
	return map[string]string{
		"from": number(m.sessionsFrom()), "until": number(m.ends[m.end-1]),
		"day_from": number(m.first), "day_to": number(m.end), "day_ends": numbers(m.ends[m.first:m.end]),
	}
}

// sources are the files that make raw rows of sessions, with how many sessions
// one statement takes: large blocks are cheap ones, and a million rows is where
// the engine would cut them.
var sources = []struct {
	file     string
	sessions int
}{
	{"session_events", 180_000}, {"page_views", 600_000}, {"notifications", 350_000}, {"attendance", 3_000_000},
}

// rows are the jobs that make the rows of the month.
func (m span) rows(common map[string]string) []job {
	var jobs []job
	for i, source := range sources {
		until := m.ends[m.end-1]
		for from := m.sessionsFrom(); from < until; from += source.sessions {
			jobs = append(jobs, job{source.file, with(common, map[string]string{
				"from": number(from), "until": number(min(from+source.sessions, until)), "seq": firstSeq(i),
			})})
		}
	}
	return append(jobs, job{"signups", with(common, with(m.params(), map[string]string{"seq": firstSeq(len(sources))}))})
}

// firstSeq is where the rows of a source are numbered from: above 2^40, as if of
// the log number 1, which no spool takes, with room for 2^36 rows each.
func firstSeq(source int) string { return strconv.FormatUint(1<<40+uint64(source)<<36, 10) }

func with(params, more map[string]string) map[string]string {
	all := maps.Clone(params)
	maps.Copy(all, more)
	return all
}

func number(n int) string { return strconv.Itoa(n) }

func numbers(list []int) string {
	return strings.ReplaceAll(fmt.Sprint(list), " ", ",")
}
