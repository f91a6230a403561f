-- The ids that were said to be the same as one: of the user that it is, or was said to be.
-- Table identities, sorted by (project, anonymous_id, user_id): a row a pair once merged.
-- project
-- users               the id, if it is a user's
-- names               the id
-- limit               rows
SELECT anonymous_id, user_id, toUnixTimestamp64Milli(min(first_linked)) AS since
FROM identities
WHERE project = {project:String}
  AND (user_id IN {users:Array(String)}
       OR user_id IN (SELECT user_id FROM identities WHERE project = {project:String} AND anonymous_id IN {names:Array(String)}))
GROUP BY anonymous_id, user_id
ORDER BY since, anonymous_id, user_id
LIMIT {limit:UInt32}
