-- The keys that share the hash of the key {id}: one, unless two processes were
-- given the same key at the same time.
-- api_keys: ORDER BY id
SELECT id, project, toString(scope) AS scope, label, hash, created_at, revoked_at, version
FROM api_keys FINAL
WHERE hash IN (SELECT hash FROM api_keys WHERE id = {id:String})
ORDER BY created_at, id
