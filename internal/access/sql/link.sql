-- One link.
-- view_links: ORDER BY id
SELECT id, project, name, view, made_by, created_at, expires_at, revoked_at, version
FROM view_links FINAL
WHERE id = {id:String}
