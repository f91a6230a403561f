-- One project, also if it is deleted: its name is not given again.
-- projects: ORDER BY project
SELECT project, timezone, created_at, deleted, origins, version
FROM projects FINAL
WHERE project = {project:String}
