-- Distinct active persons by period, from person-days.
-- Table user_day, sorted by (project, person, day, role), a partition a month.
-- Its rows are active events of somebody only.
-- project
-- day_from, day_to    local days of the range, half-open
-- bounds, periods     first days of the periods, ascending, as days since
--                     1970-01-01; and the number of the period that begins there
-- filters             see parts/rows.sql
SELECT transform(roundDown(toUInt16(day), {bounds:Array(UInt16)}),
                 {bounds:Array(UInt16)}, {periods:Array(Int32)}, toInt32(-1)) AS period,
       uniqExact(person) AS users
FROM user_day
WHERE project = {project:String}
  AND day >= {day_from:Date} AND day < {day_to:Date}{{template "by_role" .}}
GROUP BY period
