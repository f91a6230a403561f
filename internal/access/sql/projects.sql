-- Every project that is not deleted.
-- projects: ORDER BY project
SELECT project, timezone, created_at, origins
FROM projects FINAL
WHERE deleted = 0
ORDER BY project
