-- The cells of an earlier run whose cohorts are too old for anything that has
-- changed to reach them. What latest says is made anew.
-- Table retention_cells, sorted by (project, interval, everyone, role, cohort, period), a partition a run.
-- project
-- run, previous    the new run and the earlier one
-- interval         day, week or month
-- before           the first cohort that is not taken
INSERT INTO retention_cells (run, project, interval, everyone, role, cohort, period, active, unbroken)
SELECT {run:UInt64}, project, interval, everyone, role, cohort, period, sum(c.active), sum(c.unbroken)
FROM retention_cells AS c
WHERE run = {previous:UInt64} AND project = {project:String} AND interval = {interval:String} AND cohort < {before:Date}
GROUP BY project, interval, everyone, role, cohort, period
HAVING sum(c.active) > 0 OR sum(c.unbroken) > 0
