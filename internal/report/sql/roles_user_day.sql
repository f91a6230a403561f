-- Active persons and all events by role, over whole local days.
-- Table user_day, sorted by (project, person, day, role), and
-- table metrics_daily, sorted by (project, day, type, role); a partition a month each.
-- project
-- day_from, day_to    local days of the range, half-open
-- filters             see parts/rows.sql
SELECT role, toUInt64(sum(users)) AS users, sum(events) AS events
FROM
(
    SELECT toString(u.role) AS role, uniqExact(u.person) AS users, toInt64(0) AS events
    FROM user_day AS u
    WHERE u.project = {project:String}
      AND u.day >= {day_from:Date} AND u.day < {day_to:Date}{{template "by_role" .}}
    GROUP BY role
    UNION ALL
    SELECT toString(m.role) AS role, toUInt64(0) AS users, sum(m.events) AS events
    FROM metrics_daily AS m
    WHERE m.project = {project:String}
      AND m.day >= {day_from:Date} AND m.day < {day_to:Date}{{template "by_role" .}}
    GROUP BY role
)
GROUP BY role
HAVING users > 0 OR events > 0
ORDER BY users DESC, events DESC, role
