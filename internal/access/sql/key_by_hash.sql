-- The keys with this hash (in hexadecimal), the oldest first.
-- api_keys: ORDER BY id
SELECT id, project, toString(scope) AS scope, label, created_at, revoked_at
FROM api_keys FINAL
WHERE hash = unhex({hash:String})
ORDER BY created_at, id
