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
      AND type IN {cohort_types:Array(String)} AND person != 0{{end}}

{{define "lifecycle"}}SELECT period, count() AS active, countIf(period = born AND gap != 1) AS new, countIf(gap = 1) AS retained
FROM lives ARRAY JOIN active_in AS period, arrayDifference(active_in) AS gap
GROUP BY period{{end}}

{{- /* A person active on a day counts for the windows that end on it and on the next
       ones, but not for those that end later than the next activity or contain the
       one before. */ -}}
{{define "rolling"}}SELECT toInt32(change.1) AS day, sum(change.2) AS dau, sum(change.3) AS wau, sum(change.4) AS mau
FROM
(
    SELECT period, toInt64(persons) AS n, if(gap = 0, 1000000, gap) AS since
    FROM gaps
)
ARRAY JOIN
[
    (period, n, toInt64(0), toInt64(0)), (period + 1, -n, 0, 0),
    (period + 7 - least(since, 7), 0, n, 0), (period + 7, 0, -n, 0),
    (period + {window:Int32} - least(since, {window:Int32}), 0, 0, n), (period + {window:Int32}, 0, 0, -n)
] AS change
GROUP BY day
ORDER BY day{{end}}

{{define "stickiness"}}SELECT toUInt32(length(arrayCompact(arraySort(active_in)))) AS days, count() AS users
FROM (SELECT groupArray(period) AS active_in FROM activity GROUP BY person)
GROUP BY days
ORDER BY days{{end}}

{{- /* The bits of kept say after how many periods somebody still counts. */ -}}
{{define "retention"}}SELECT born AS cohort, count() AS size,
       sumForEach(arrayMap(n -> toUInt64(bitTest(kept, n)), range({followed:UInt32} + 1))) AS cells
FROM
(
    SELECT born,
           toUInt64(arraySum(arrayMap(period -> bitShiftLeft(toUInt64(1), toUInt8(period - born)),
                             arrayFilter(period -> period >= born AND period - born <= {followed:UInt32}, active_in)))) AS bits,
           if(notEmpty(active_in), active_in[-1], toInt32(-1)) AS last,
           multiIf({kind:String} = 'streak', bitAnd(bits, bitNot(bits + toUInt64(1))),
                   {kind:String} = 'on', bits,
                   last < born, toUInt64(0),
                   toUInt64(bitShiftLeft(toUInt64(2), toUInt8(least(last - born, {followed:UInt32}))) - 1)) AS kept
    FROM lives
    WHERE born >= 0
)
GROUP BY cohort{{end}}
