package proof

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Derived returns the derived tables, as the run in force says. They are equal to
// raw when nothing has landed since that run began.
func Derived() []Pair { return slices.Clone(derived) }

// CompareDerived holds the derived tables of a project against raw, as Compare
// does the aggregates.
func CompareDerived(ctx context.Context, db Database, project string) ([]Finding, error) {
	return compareAll(ctx, db, project, derived)
}

// CompareGaps holds the gap histogram of a project against raw for the days from
// one on, if it is not zero, until another one. Gaps that begin before the first
// day are taken for endless, as raw may have lost what they begin with. It is
// right if nothing has landed before the end since the run in force began.
func CompareGaps(ctx context.Context, db Database, project string, from, until time.Time) (Finding, error) {
	if from.IsZero() {
		from = time.Unix(0, 0).UTC()
	}
	gaps := derived[0]
	within := func(statement string) string {
		const day = "toInt64(toUInt16(t.3))"
		return fmt.Sprintf(`SELECT t.1, t.2, t.3, if(t.4 > %[1]s - %[2]d, 65535, t.4) AS gap, sum(t.5)
FROM (SELECT tuple(*) AS t FROM (%[4]s)) WHERE %[1]s >= %[2]d AND %[1]s < %[3]d GROUP BY ALL`, day, daysOf(from), daysOf(until), statement)
	}
	return Pair{gaps.Name, within(gaps.Shown), within(gaps.Raw)}.compare(ctx, db, project)
}

func daysOf(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

// CompareCells holds the retention cells of a project against raw. It is right if
// nothing at all has landed since the run in force began, and no raw rows were
// removed.
func CompareCells(ctx context.Context, db Database, project string) (Finding, error) {
	return derived[1].compare(ctx, db, project)
}

var derived = []Pair{
	{"gap_day", `SELECT everyone, role, day, gap, sum(n) FROM gap_day WHERE project = {project:String} AND run = ` + inForce("gaps") + ` GROUP BY ALL`,
		gaps(`true`, `''`) + ` UNION ALL ` + gaps(`false`, `toString(role)`)},
	{"retention_cells", `SELECT interval, everyone, role, cohort, period, sum(active), sum(latest), sum(unbroken)
		FROM retention_cells WHERE project = {project:String} AND run = ` + inForce("cells") + ` GROUP BY ALL`,
		strings.Join([]string{
			cells("day", "toRelativeDayNum", "day", 60, `true`, `''`), cells("day", "toRelativeDayNum", "day", 60, `false`, `toString(role)`),
			cells("week", "toRelativeWeekNum", "day - toDayOfWeek(day) + 1", 52, `true`, `''`), cells("week", "toRelativeWeekNum", "day - toDayOfWeek(day) + 1", 52, `false`, `toString(role)`),
			cells("month", "toRelativeMonthNum", "day - toDayOfMonth(day) + 1", 36, `true`, `''`), cells("month", "toRelativeMonthNum", "day - toDayOfMonth(day) + 1", 36, `false`, `toString(role)`),
		}, ` UNION ALL `)},
}

// inForce is the run of a part that readers see.
func inForce(part string) string {
	return `(SELECT run FROM derived_runs WHERE project = {project:String} AND part = '` + part + `' ORDER BY as_of DESC, run DESC LIMIT 1)`
}

// gaps are the gaps between active days in raw, of each person or of each person
// in each role.
func gaps(everyone, role string) string {
	return `SELECT ` + everyone + ` AS everyone, role, day, if(place = 1, 65535, day - previous) AS gap, count() FROM (
		SELECT role, day, row_number() OVER mine AS place, any(day) OVER (mine ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS previous
		FROM (SELECT DISTINCT person, ` + role + ` AS role, day` + ofPersons + `)
		WINDOW mine AS (PARTITION BY person, role ORDER BY day)) GROUP BY ALL`
}

// cells are the retention cells in raw. A person's n-th period, counted from 0,
// is unbroken if it is the n-th after the cohort's.
func cells(interval, numberOf, first string, last int, everyone, role string) string {
	return fmt.Sprintf(`SELECT '%[1]s' AS interval, %[5]s AS everyone, role, cohort, period, sum(active), sum(latest), sum(unbroken) FROM (
		SELECT role, cohort, cell.1 AS period, cell.2 AS active, cell.3 AS latest, cell.4 AS unbroken FROM (
			SELECT role, cohort, arraySort(groupUniqArray(%[2]s(day) - born)) AS periods,
				arrayMax(arrayMap((p, i) -> if(p = i - 1, i, 0), periods, arrayEnumerate(periods))) AS whole
			FROM (SELECT person, %[6]s AS role, day%[7]s) AS acts
			INNER JOIN (SELECT person, min(%[2]s(day)) AS born, min(%[3]s) AS cohort%[7]s GROUP BY person) AS births USING person
			GROUP BY person, role, cohort
		) ARRAY JOIN arrayConcat(
			arrayMap(p -> (p, 1, 0, 0), arrayFilter(p -> p <= %[4]d, periods)),
			[(least(periods[-1], %[4]d), 0, 1, 0)], if(whole = 0, [], [(least(whole - 1, %[4]d), 0, 0, 1)])) AS cell
		) GROUP BY ALL`, interval, numberOf, first, last, everyone, role, ofPersons)
}
