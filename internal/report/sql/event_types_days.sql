-- Events by type, with the persons that they name, passive types included, over whole local days.
-- Table metrics_daily, sorted by (project, day, type, role), where page views are counted under the empty type;
-- table type_person, sorted by (project, person, month, type); and at the edges, where a month is cut,
-- table events, sorted by (project, day, type, person, occurred_at); a partition a month each.
-- Counts may have been subtracted to zero by an erasure.
-- project
-- day_from, day_to        local days of the range, half-open
-- month_from, month_to    the whole months in it; both day_to if there are none
-- limit, offset           page of the answer
WITH
counted AS
(
    SELECT toString(m.type) AS type, toUInt64(sum(m.events)) AS events
    FROM metrics_daily AS m
    WHERE m.project = {project:String}
      AND m.day >= {day_from:Date} AND m.day < {day_to:Date}
      AND m.type != ''
    GROUP BY m.type
    HAVING sum(m.events) > 0
),
people AS
(
    SELECT toString(named.type) AS type, uniqExact(named.person) AS users
    FROM
    (
        SELECT p.type AS type, p.person AS person
        FROM type_person AS p
        WHERE p.project = {project:String}
          AND p.month >= {month_from:Date} AND p.month < {month_to:Date}
        UNION ALL
        SELECT e.type AS type, e.person AS person
        FROM events AS e
        WHERE e.project = {project:String}
          AND (e.day >= {day_from:Date} AND e.day < {month_from:Date} OR e.day >= {month_to:Date} AND e.day < {day_to:Date})
          AND e.person != 0
    ) AS named
    GROUP BY named.type
)
SELECT counted.type AS type, counted.events AS events, people.users AS users
FROM counted LEFT JOIN people ON counted.type = people.type
ORDER BY events DESC, type
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
