-- What a process needs to authenticate: every good key with its project's zone
-- and origins.
-- A hash of which any key is revoked is not good.
-- api_keys: ORDER BY id; projects: ORDER BY project
WITH revoked AS
(
    SELECT hash FROM api_keys FINAL WHERE revoked_at IS NOT NULL
)
SELECT k.id AS id, k.project AS project, toString(k.scope) AS scope, k.hash AS hash, p.timezone AS timezone,
       p.origins AS origins
FROM (SELECT * FROM api_keys FINAL) AS k
INNER JOIN (SELECT * FROM projects FINAL WHERE deleted = 0) AS p ON p.project = k.project
WHERE k.hash NOT IN (SELECT hash FROM revoked)
ORDER BY k.created_at, k.id
