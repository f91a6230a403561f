-- Distinct persons whom events name, passive types included, and distinct types, over whole local days: persons of
-- active events by person-days, and raw for the few that are passive.
-- Table user_day, sorted by (project, person, day, role); table metrics_daily, sorted by (project, day, type, role);
-- and table events, sorted by (project, day, type, person, occurred_at); a partition a month each.
-- project
-- day_from, day_to    local days of the range, half-open
-- filters             see parts/rows.sql
SELECT
(
    SELECT uniqExact(person)
    FROM
    (
        SELECT u.person AS person
        FROM user_day AS u
        WHERE u.project = {project:String}
          AND u.day >= {day_from:Date} AND u.day < {day_to:Date}{{template "by_role" .}}
        UNION ALL
        SELECT e.person AS person
        FROM events AS e
        WHERE e.project = {project:String}
          AND e.day >= {day_from:Date} AND e.day < {day_to:Date}
          AND NOT e.active AND e.person != 0{{template "by_role" .}}
    )
) AS users,
(
    SELECT count()
    FROM
    (
        SELECT m.type
        FROM metrics_daily AS m
        WHERE m.project = {project:String}
          AND m.day >= {day_from:Date} AND m.day < {day_to:Date}{{template "by_role" .}}
        GROUP BY m.type
        HAVING sum(m.events) > 0
    )
) AS types
