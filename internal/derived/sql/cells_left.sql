-- Runs of the retention cells that are over: not in force, and begun before a run.
-- Tables retention_cells, a partition a run, and derived_runs, sorted by (project, part).
-- before    runs below it have had their time
SELECT DISTINCT run
FROM retention_cells
WHERE run < {before:UInt64}
  AND run NOT IN (SELECT argMax(r.run, (r.as_of, r.run)) FROM derived_runs AS r WHERE r.part = 'cells' GROUP BY r.project)
