-- The first days of which each tier of a project has all rows; no row: nothing was ever removed.
-- Table retention, sorted by project: a row a project once merged.
-- project
SELECT toUInt16(r.raw_from), toUInt16(r.people_from), toUInt16(r.counters_from)
FROM retention AS r
WHERE r.project = {project:String}
ORDER BY r.version DESC
LIMIT 1
