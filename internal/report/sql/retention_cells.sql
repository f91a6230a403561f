-- Who is still there by cohort of first seen, of whole days, weeks or months.
-- Table retention_cells, sorted by (project, interval, everyone, role, cohort, period), a partition a run.
-- project
-- run                 the run in force
-- interval            day, week or month
-- day_from, day_to    local days of the cohorts, half-open
-- bounds, periods     first days of the periods, ascending, as days since
--                     1970-01-01; and the number of the period that begins there
-- kind, followed      on, on_or_after or streak; the number of periods after the cohort's own
SELECT {periods:Array(Int32)}[indexOf({bounds:Array(UInt16)}, toUInt16(c.cohort))] AS born,
       sumIf(c.active, everyone AND period = 0) AS size,
       sumForEachIf(arrayMap(n -> toUInt64(multiIf(
           {kind:String} = 'on', c.active * (period = n),
           {kind:String} = 'on_or_after', c.latest * (period >= n),
           c.unbroken * (period >= n))), range({followed:UInt32} + 1)),
           everyone = {{if .By "role"}}false{{else}}true{{end}}) AS cells
FROM retention_cells AS c
WHERE run = {run:UInt64} AND project = {project:String} AND interval = {interval:String}
  AND cohort >= {day_from:Date} AND cohort < {day_to:Date}
  AND (everyone{{if .By "role"}} OR has({roles:Array(String)}, role){{end}})
GROUP BY c.cohort
