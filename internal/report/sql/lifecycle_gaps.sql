-- Growth accounting by period, from the gaps between active days: a person counts
-- on the first active day of the period, by where the previous one lies.
-- Table gap_day, sorted by (project, everyone, role, day, gap), a partition a run.
-- project
-- run                 the run in force
-- day_from, day_to    local days of the range, half-open
-- bounds, periods     first days of the periods, ascending, as days since
--                     1970-01-01; and the number of the period that begins there
WITH
    roundDown(toUInt16(day), {bounds:Array(UInt16)}) AS start,
    indexOf({bounds:Array(UInt16)}, start) AS place,
    if(place = 1, start, {bounds:Array(UInt16)}[place - 1]) AS start_before
SELECT {periods:Array(Int32)}[place] AS period,
       sumIf(n, toUInt16(day) < start + gap) AS active,
       sumIf(n, gap = 65535) AS born,
       sumIf(n, toUInt16(day) < start + gap AND toUInt16(day) >= start_before + gap) AS retained
FROM gap_day
WHERE run = {run:UInt64} AND project = {project:String}
  AND day >= {day_from:Date} AND day < {day_to:Date}
  AND everyone
GROUP BY period
