-- What has landed in a project, by local day, and which runs of the derived
-- tables are in force.
-- Tables landed, sorted by (project, day), and derived_runs, sorted by (project, part).
-- project
WITH
marks AS
(
    SELECT groupArray(d) AS days, groupArray(b) AS begun, groupArray(e) AS ended
    FROM
    (
        SELECT toUInt16(l.day) AS d, sum(l.begun) AS b, sum(l.ended) AS e
        FROM landed AS l
        WHERE l.project = {project:String}
        GROUP BY l.day
    )
),
force AS
(
    SELECT groupArray(part) AS parts, groupArray(last.1) AS runs, groupArray(last.2) AS as_of, groupArray(last.3) AS took,
           groupArray(last.4) AS kept, groupArray(last.5) AS roles, groupArray(last.6) AS days, groupArray(last.7) AS seen
    FROM
    (
        SELECT toString(r.part) AS part,
               argMax((r.run, r.as_of, r.took_ms, toUInt16(r.kept), r.roles, CAST(r.days, 'Array(UInt16)'), r.marks), (r.as_of, r.run)) AS last
        FROM derived_runs AS r
        WHERE r.project = {project:String}
        GROUP BY r.part
    )
)
SELECT now64(3, 'UTC') AS at, marks.days, marks.begun, marks.ended,
       force.parts, force.runs, force.as_of, force.took, force.kept, force.roles, force.days, force.seen
FROM marks CROSS JOIN force
