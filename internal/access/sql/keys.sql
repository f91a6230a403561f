-- The keys of one project, or of all ('').
-- api_keys: ORDER BY id
SELECT id, project, toString(scope) AS scope, label, created_at, revoked_at
FROM api_keys FINAL
WHERE {project:String} = '' OR project = {project:String}
ORDER BY project, created_at, id
