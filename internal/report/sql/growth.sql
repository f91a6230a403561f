-- Persons by the period in which they were first seen, of all roles and all time.
-- Table persons, sorted by (project, person): a row a person once merged.
-- project
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, -2 before the range, -1 after it
SELECT transform(roundDown(toUnixTimestamp64Milli(seen), {bounds:Array(Int64)}),
                 {bounds:Array(Int64)}, {periods:Array(Int32)}, toInt32(-1)) AS period,
       count() AS users
FROM
(
    SELECT person, min(first_seen) AS seen
    FROM persons
    WHERE project = {project:String}
    GROUP BY person
)
GROUP BY period
