-- The days of an earlier run before one on which anything has changed.
-- Table gap_day, sorted by (project, everyone, role, day, gap), a partition a run.
-- project
-- run, previous    the new run and the earlier one
-- before           the first day that is not taken
INSERT INTO gap_day (run, project, everyone, role, day, gap, n)
SELECT {run:UInt64}, project, everyone, role, day, gap, sum(g.n)
FROM gap_day AS g
WHERE run = {previous:UInt64} AND project = {project:String} AND day < {before:Date}
GROUP BY project, everyone, role, day, gap
