-- What was done to a post by period of whole local months.
-- Table content_day, sorted by (project, day, object_type, object_id), and
-- table object_person, sorted by (project, month, object_type, object_id, person);
-- a partition a month each. Counts may have been subtracted to zero by an erasure.
-- project
-- day_from, day_to    first days of local months, half-open
-- bounds, periods     first days of the periods, ascending, as days since
--                     1970-01-01; and the number of the period that begins there
-- object              id of the post
SELECT period, toUInt64(sum(people)) AS users, toUInt64(sum(acts)) AS events, toUInt64(sum(looks)) AS views,
       toUInt64(sum(said)) AS comments, toUInt64(sum(felt)) AS reactions, toUInt64(sum(passed)) AS shares
FROM
(
    SELECT {{template "range_of_day"}} AS period, toInt64(0) AS people, sum(c.events) AS acts, sum(c.views) AS looks,
           sum(c.comments) AS said, sum(c.reactions) AS felt, sum(c.shares) AS passed
    FROM content_day AS c
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}
      AND object_type = 'post' AND has({object:Array(String)}, object_id)
    GROUP BY period
    UNION ALL
    SELECT period, toInt64(count()) AS people, 0 AS acts, 0 AS looks, 0 AS said, 0 AS felt, 0 AS passed
    FROM
    (
        SELECT {{template "range_of_month"}} AS period, person
        FROM object_person AS o
        WHERE project = {project:String}
          AND month >= {day_from:Date} AND month < {day_to:Date}
          AND object_type = 'post' AND has({object:Array(String)}, object_id)
        GROUP BY period, person
        HAVING sum(o.events) > 0
    )
    GROUP BY period
)
GROUP BY period
