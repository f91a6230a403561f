-- Every link that is neither revoked nor over, with its project's zone.
-- view_links: ORDER BY id; projects: ORDER BY project
SELECT l.id AS id, l.project AS project, l.name AS name, p.timezone AS timezone
FROM (SELECT * FROM view_links FINAL) AS l
INNER JOIN (SELECT * FROM projects FINAL WHERE deleted = 0) AS p ON p.project = l.project
WHERE l.revoked_at IS NULL AND l.expires_at > now64(3)
