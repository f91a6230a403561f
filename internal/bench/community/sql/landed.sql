-- Says of every day of the history that its rows have landed, as the loader does:
-- without that, nothing would be derived from them.
-- seed, project, first
-- days    length of the history
INSERT INTO landed (project, day, begun, ended)
SELECT {project:String} AS project, toDate({first:String}) + number AS day,
       cityHash64({seed:UInt64}, 90, number) AS begun, begun AS ended
FROM numbers({days:UInt64})
