-- Distinct active persons by period, from the gaps between active days: a person
-- counts on the first active day of the period, whose previous one lies before it.
-- Table gap_day, sorted by (project, everyone, role, day, gap), a partition a run.
-- project
-- run                 the run in force
-- day_from, day_to    local days of the range, half-open
-- bounds, periods     first days of the periods, ascending, as days since
--                     1970-01-01; and the number of the period that begins there
SELECT transform(roundDown(toUInt16(day), {bounds:Array(UInt16)}),
                 {bounds:Array(UInt16)}, {periods:Array(Int32)}, toInt32(-1)) AS period,
       sum(n) AS users
FROM gap_day
WHERE run = {run:UInt64} AND project = {project:String}
  AND day >= {day_from:Date} AND day < {day_to:Date}
  AND toUInt16(day) < roundDown(toUInt16(day), {bounds:Array(UInt16)}) + gap
  AND everyone = {{if .By "role"}}false{{template "by_role" .}}{{else}}true{{end}}
GROUP BY period
