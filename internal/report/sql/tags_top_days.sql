-- Tags by the distinct persons who used them, over whole local days; see parts/tags.sql.
-- Table tag_day, sorted by (project, day, tag);
-- table tag_person, sorted by (project, person, month, tag); and at the edges, where a month is cut,
-- table events, sorted by (project, day, type, person, occurred_at); a partition a month each.
-- Counts may have been subtracted to zero by an erasure.
-- project
-- day_from, day_to        local days of the range, half-open
-- month_from, month_to    the whole months in it; both day_to if there are none
-- limit, offset           page of the answer
WITH
counted AS
(
    SELECT toString(t.tag) AS tag, toUInt64(sum(t.events)) AS events
    FROM tag_day AS t
    WHERE t.project = {project:String}
      AND t.day >= {day_from:Date} AND t.day < {day_to:Date}
    GROUP BY t.tag
    HAVING sum(t.events) > 0
),
{{template "tag_names"}},
people AS
(
    SELECT numbered[number + 1] AS tag, count() AS users
    FROM
    (
        SELECT arrayJoin(arrayDistinct(groupArray(number))) AS number
        FROM (SELECT person, {{template "tag_number"}} AS number FROM ({{template "tag_uses"}}) WHERE number > 0)
        GROUP BY person
    )
    GROUP BY number
    UNION ALL
    SELECT tag, uniqExact(person) AS users
    FROM ({{template "tag_uses"}})
    WHERE {{template "tag_is_rare"}}
    GROUP BY tag
)
SELECT counted.tag AS tag, people.users AS users, counted.events AS events
FROM counted LEFT JOIN people ON counted.tag = people.tag
ORDER BY users DESC, events DESC, tag
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
