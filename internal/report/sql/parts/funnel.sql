{{- /* What the queries of funnels share. */ -}}

{{- /* Who did not take the first step takes none, and need not be put in order. */ -}}
{{define "funnel_rows"}}
    FROM events
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}{{template "in_range" .}}
      AND person != 0 AND has({steps:Array(String)}, type){{template "events_by" .}}
      AND person IN
      (
          SELECT person
          FROM events
          WHERE project = {project:String}
            AND day >= {day_from:Date} AND day < {day_to:Date}
            AND type = {steps:Array(String)}[1]{{template "events_by" .}}
      ){{end}}

{{- /* Two days are added so that the first hours of 1970 east of Greenwich are no negative numbers. */ -}}
{{define "funnel_steps"}}
    SELECT person, toUInt64(toUnixTimestamp64Milli(occurred_at) + 172800000) AS at,
           toUInt8(indexOf({steps:Array(String)}, type)) AS step{{template "funnel_rows" .}}
    {{end}}

{{- /* Steps of each person in order: time, number, and what it is broken down by. */ -}}
{{define "funnel_acts"}}
    SELECT arraySort(groupArray((toUnixTimestamp64Milli(occurred_at) + 172800000,
                                 toInt64(indexOf({steps:Array(String)}, type)),
                                 if(has({breakdown:Array(String)}, 'role'), toString(role),
                                    if(has({breakdown:Array(String)}, 'object_type'), toString(object_type),
                                       if(has({breakdown:Array(String)}, 'property'), properties[{property:Array(String)}[1]], '')))))) AS acts,
           acts.1 AS ats, acts.2 AS steps, acts.3 AS values{{template "funnel_rows" .}}
    GROUP BY person{{end}}

{{- /* Persons and waits by value, from a row a person: value, waits. */ -}}
{{define "funnel_groups"}}
SELECT value, groupArray(users) AS reached, groupArray(median) AS medians, groupArray(p90) AS p90s
FROM
(
    SELECT value, step, count() AS users, arraySort(groupArray(wait)) AS sorted,
           sorted[intDiv(users + 1, 2)] AS median, sorted[intDiv(users * 9 + 9, 10)] AS p90
    FROM ways
    ARRAY JOIN waits AS wait, arrayEnumerate(waits) AS step
    GROUP BY value, step
    ORDER BY value, step
)
GROUP BY value
ORDER BY reached[1] DESC, value
LIMIT {limit:UInt32}{{end}}
