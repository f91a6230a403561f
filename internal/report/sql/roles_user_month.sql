-- Active persons and all events by role, over whole local months.
-- Table user_month, sorted by (project, person, month, role), a partition a month, and
-- table metrics_monthly, sorted by (project, month, type, role), a partition a year.
-- project
-- day_from, day_to    first days of local months, half-open
-- filters             see parts/rows.sql
SELECT role, toUInt64(sum(users)) AS users, sum(events) AS events
FROM
(
    SELECT toString(u.role) AS role, uniqExact(u.person) AS users, toInt64(0) AS events
    FROM user_month AS u
    WHERE u.project = {project:String}
      AND u.month >= {day_from:Date} AND u.month < {day_to:Date}{{template "by_role" .}}
    GROUP BY role
    UNION ALL
    SELECT toString(m.role) AS role, toUInt64(0) AS users, sum(m.events) AS events
    FROM metrics_monthly AS m
    WHERE m.project = {project:String}
      AND m.month >= {day_from:Date} AND m.month < {day_to:Date}{{template "by_role" .}}
    GROUP BY role
)
GROUP BY role
HAVING users > 0 OR events > 0
ORDER BY users DESC, events DESC, role
