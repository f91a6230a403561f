-- Runs of the gap histogram that are over: not in force, and begun before a run.
-- Tables gap_day, a partition a run, and derived_runs, sorted by (project, part).
-- before    runs below it have had their time
SELECT DISTINCT run
FROM gap_day
WHERE run < {before:UInt64}
  AND run NOT IN (SELECT argMax(r.run, (r.as_of, r.run)) FROM derived_runs AS r WHERE r.part = 'gaps' GROUP BY r.project)
