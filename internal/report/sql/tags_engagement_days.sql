-- Tags by the distinct persons who used them, with what was done by the events that carry them, over whole local days
-- and in the range before; see parts/tags.sql.
-- Table tag_day, sorted by (project, day, tag);
-- table tag_person, sorted by (project, person, month, tag); and at the edges, where a month is cut,
-- table events, sorted by (project, day, type, person, occurred_at); a partition a month each.
-- Counts may have been subtracted to zero by an erasure.
-- project
-- day_from, day_to                    local days of both ranges, half-open
-- day_now                             first day of the asked range
-- month_from, month_to                the whole months in it; both its end if there are none
-- month_from_before, month_to_before  those in the range before
-- limit, offset                       page of the answer
WITH
counted AS
(
    SELECT toString(t.tag) AS tag,
           sumIf(t.events, t.now) AS events, sumIf(t.views, t.now) AS views, sumIf(t.comments, t.now) AS comments,
           sumIf(t.reactions, t.now) AS reactions, sumIf(t.shares, t.now) AS shares,
           sumIf(t.events, NOT t.now) AS events_before, sumIf(t.views, NOT t.now) AS views_before, sumIf(t.comments, NOT t.now) AS comments_before,
           sumIf(t.reactions, NOT t.now) AS reactions_before, sumIf(t.shares, NOT t.now) AS shares_before
    FROM
    (
        SELECT *, day >= {day_now:Date} AS now
        FROM tag_day
        WHERE project = {project:String}
          AND day >= {day_from:Date} AND day < {day_to:Date}
    ) AS t
    GROUP BY t.tag
    HAVING events > 0
),
{{template "tag_names"}},
people AS
(
    SELECT numbered[intDiv(code, 2) + 1] AS tag, countIf(code % 2 = 1) AS users, countIf(code % 2 = 0) AS users_before
    FROM
    (
        SELECT arrayJoin(arrayDistinct(groupArray(code))) AS code
        FROM
        (
            SELECT person, {{template "tag_number"}} AS number, toUInt16(2 * number + now) AS code
            FROM ({{template "tag_uses_of_two"}})
            WHERE number > 0
        )
        GROUP BY person
    )
    GROUP BY tag
    UNION ALL
    SELECT tag, uniqExactIf(person, now) AS users, uniqExactIf(person, NOT now) AS users_before
    FROM ({{template "tag_uses_of_two"}})
    WHERE {{template "tag_is_rare"}}
    GROUP BY tag
)
SELECT counted.tag AS tag, people.users AS users, toUInt64(counted.events) AS happened, toUInt64(counted.views), toUInt64(counted.comments),
       toUInt64(counted.reactions), toUInt64(counted.shares),
       people.users_before, toUInt64(counted.events_before), toUInt64(counted.views_before), toUInt64(counted.comments_before),
       toUInt64(counted.reactions_before), toUInt64(counted.shares_before)
FROM counted LEFT JOIN people ON counted.tag = people.tag
ORDER BY users DESC, happened DESC, tag
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
