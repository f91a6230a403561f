-- Distinct active persons by period, over whole local months.
-- Table user_month, sorted by (project, person, month, role), a partition a month.
-- Its rows are active events of somebody only.
-- project
-- day_from, day_to    first days of local months, half-open
-- bounds, periods     first days of the periods, ascending, as days since
--                     1970-01-01; and the number of the period that begins there
-- filters             see parts/rows.sql
SELECT transform(roundDown(toUInt16(month), {bounds:Array(UInt16)}),
                 {bounds:Array(UInt16)}, {periods:Array(Int32)}, toInt32(-1)) AS period,
       uniqExact(person) AS users
FROM user_month
WHERE project = {project:String}
  AND month >= {day_from:Date} AND month < {day_to:Date}{{template "by_role" .}}
GROUP BY period
