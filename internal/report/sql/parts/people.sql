{{- /* What questions about people share. They begin with activity: who was active
       in which period, (person, period), as often as it was written down. */ -}}

{{define "period_of_day"}}{day_periods:Array(Int32)}[least(toUInt16(day) - toUInt16({day_from:Date}),
                                       length({day_periods:Array(Int32)}) - 1) + 1]{{end}}

{{define "period_of_month"}}{day_periods:Array(Int32)}[least(toUInt16(month) - toUInt16({day_from:Date}),
                                       length({day_periods:Array(Int32)}) - 1) + 1]{{end}}

{{define "activity_of_months"}}SELECT person, {{template "period_of_month"}} AS period
    FROM user_month
    WHERE project = {project:String}
      AND month >= {day_from:Date} AND month < {day_to:Date}{{template "by_role" .}}{{end}}

{{define "activity_of_days"}}SELECT person, {{template "period_of_day"}} AS period
    FROM user_day
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}{{template "by_role" .}}{{end}}

{{define "activity_of_events"}}SELECT person, {{template "period"}} AS period
    FROM events
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}
      AND period >= 0
      AND active AND person != 0{{template "events_by" .}}{{end}}

{{- /* gaps: persons by a period in which they were active and the number of periods
       since they were before that; 0: not within the periods that were read. */ -}}
{{define "gaps"}}SELECT period, gap, count() AS persons
    FROM (SELECT arrayCompact(arraySort(groupArray(period))) AS active_in FROM activity GROUP BY person)
    ARRAY JOIN active_in AS period, arrayDifference(active_in) AS gap
    GROUP BY period, gap{{end}}

{{- /* lives: each person's periods of activity, ascending, and the period of the first
       moment in births, (person, seen). */ -}}
{{define "lives"}}SELECT arrayCompact(arraySort(groupArrayIf(period, period >= 0))) AS active_in,
           transform(roundDown(toUnixTimestamp64Milli(min(seen)), {bounds:Array(Int64)}),
                     {bounds:Array(Int64)}, {periods:Array(Int32)}, toInt32(-1)) AS born
    FROM
    (
        SELECT person, period, toDateTime64('2299-12-31 00:00:00', 3, 'UTC') AS seen FROM activity
        UNION ALL
        SELECT person, toInt32(-1) AS period, seen FROM births
    )
    GROUP BY person{{end}}

{{define "births"}}SELECT person, first_seen AS seen
    FROM persons
    WHERE project = {project:String}{{end}}

{{define "births_of_type"}}SELECT person, occurred_at AS seen
    FROM events
    WHERE project = {project:String}
      AND type = {cohort:String} AND person != 0{{end}}

{{define "lifecycle"}}SELECT period, count() AS active, countIf(period = born AND gap != 1) AS new, countIf(gap = 1) AS retained
FROM lives ARRAY JOIN active_in AS period, arrayDifference(active_in) AS gap
GROUP BY period{{end}}
