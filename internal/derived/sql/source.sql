-- What there is to derive from: the first and the last month, and the roles that
-- most months of persons have.
-- Table user_month, sorted by (project, person, month, role), a partition a month.
-- project
-- roles    most roles
SELECT toUInt16(min(m)) AS first, toUInt16(max(l)) AS last, count() > 0 AS any,
       arraySlice(arrayMap(r -> r.2, arrayReverseSort(groupArray((n, role)))), 1, {roles:UInt16}) AS roles
FROM
(
    SELECT toString(u.role) AS role, min(u.month) AS m, max(u.month) AS l, count() AS n
    FROM user_month AS u
    WHERE u.project = {project:String}
    GROUP BY u.role
)
