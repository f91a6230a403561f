{{- /* What rankings of posts over whole local days share. */ -}}

{{- /* Who acted on which post: whole months as object_person has them, and the days before and behind from raw. Who has a
       row has acted, since an erasure deletes the rows of a person. */ -}}
{{define "post_acts"}}SELECT o.object_id AS post, o.person AS person
    FROM object_person AS o
    WHERE o.project = {project:String}
      AND o.month >= {month_from:Date} AND o.month < {month_to:Date}
      AND o.object_type = 'post'
    UNION ALL
    SELECT e.object_id AS post, e.person AS person
    FROM events AS e
    WHERE e.project = {project:String}
      AND (e.day >= {day_from:Date} AND e.day < {month_from:Date} OR e.day >= {month_to:Date} AND e.day < {day_to:Date})
      AND e.active AND e.person != 0 AND e.object_type = 'post' AND e.object_id != ''{{end}}

{{- /* How many posts are looked at first: what a page needs, and many more. */ -}}
{{define "posts_first"}}(1000 + 2 * ({limit:UInt32} + {offset:UInt32})){{end}}

{{- /* No post has more persons than events. So with the fewest persons of those that would be the page by events, one
      knows which posts can be on the page by persons: those with as many events. They are among the first ones if the
      last of these has fewer; if not, they are looked for again among all. */ -}}
{{define "posts_least"}}(
    SELECT if(count() < {limit:UInt32} + {offset:UInt32}, 0, min(users))
    FROM
    (
        SELECT post, uniqExact(person) AS users
        FROM ({{template "post_acts"}})
        WHERE post IN (SELECT arrayJoin(arraySlice(most, 1, {limit:UInt32} + {offset:UInt32})).1)
        GROUP BY post
    )
) AS least,
length(most) < {{template "posts_first"}} OR most[-1].2 < least AS complete{{end}}

{{define "posts_people"}}people AS
(
    SELECT post, uniqExact(person) AS users
    FROM ({{template "post_acts"}})
    WHERE post IN (SELECT post FROM candidates)
    GROUP BY post
){{end}}
