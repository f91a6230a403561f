-- By how much the persons active within 1, 7 and more days grow from a day to the
-- next: the running sums are the rolling active users. A previous day before the
-- longest window of the first day asked for is in no window.
-- Table gap_day, sorted by (project, everyone, role, day, gap), a partition a run.
-- project
-- run                 the run in force
-- day_from, day_to    local days, from the longest window before the first one asked for, half-open
-- day_periods         the number of each day from day_from on, and then that of all later ones
-- window              days of the longest window
WITH gaps AS
(
    SELECT {day_periods:Array(Int32)}[toUInt16(day) - toUInt16({day_from:Date}) + 1] AS period, toInt32(g.gap) AS gap, sum(g.n) AS persons
    FROM gap_day AS g
    WHERE run = {run:UInt64} AND project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}
      AND everyone = {{if .By "role"}}false{{template "by_role" .}}{{else}}true{{end}}
    GROUP BY period, g.gap
)
{{template "rolling"}}
