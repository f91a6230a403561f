{{- /*
What the queries of sessions share: a row a session, with the moments at which it
began and ended, its numbers, its persons, and its pages in order.

A session under a session_id is what happened under it on the local day on which
it began and on the day after; another one begins only after a day without it. A
session without one is what a person did with less than half an hour between
neighbours, on the day on which it began and on the day after. Days are the
project's. So one day before the range shows what began before it, and one day
behind shows what goes on.
*/ -}}

{{define "session_rows"}}
        SELECT session_id, person, toInt32(toUInt16(day)) AS stored, toUnixTimestamp64Milli(occurred_at) AS at, '' AS path, false AS view,
               false AS robot, '' AS source, '' AS device, '' AS browser, '' AS country
        FROM events
        WHERE project = {project:String}
          AND day >= {day_before:Date} AND day < {day_after:Date}
          AND active{{template "by_role" .}}
        UNION ALL
        SELECT session_id, person, toInt32(toUInt16(day)) AS stored, toUnixTimestamp64Milli(occurred_at) AS at, path, true AS view,
               bot AS robot, '' AS source, toString(device) AS device, toString(browser) AS browser, toString(country) AS country
        FROM page_views
        WHERE project = {project:String}
          AND day >= {day_before:Date} AND day < {day_after:Date}{{template "by_role" .}}{{end}}

{{- /* Days of sessions: what happened under a session_id on a day, from the aggregate or from raw rows. */ -}}
{{define "session_days_stored"}}
        SELECT session_id, toInt32(toUInt16(day)) AS stored, person,
               toUnixTimestamp64Milli(d.started_at) AS started, toUnixTimestamp64Milli(d.ended_at) AS ended,
               d.events AS acts, d.page_views AS looks, (toUnixTimestamp64Milli(d.entry.1), d.entry.2) AS entered, (toUnixTimestamp64Milli(d.exit.1), d.exit.2) AS leaving,
               CAST([], 'Array(Tuple(Int64, String))') AS seen, d.device AS device, d.browser AS browser, d.country AS country, d.bot AS robot
        FROM sessions AS d
        WHERE project = {project:String}
          AND day >= {day_before:Date} AND day < {day_after:Date}{{end}}

{{define "session_days_raw"}}
        SELECT session_id, stored, person, min(at) AS started, max(at) AS ended, toInt64(countIf(NOT view)) AS acts, toInt64(countIf(view)) AS looks,
               minIf((at, path), view) AS entered, maxIf((at, path), view) AS leaving, groupArrayIf((at, path), view) AS seen,
               max(device) AS device, max(browser) AS browser, max(country) AS country, toUInt8(max(robot)) AS robot
        FROM ({{template "session_rows" .}}
        )
        WHERE session_id != ''
        GROUP BY session_id, stored, person{{end}}

{{- /* Each day says that it is one (0), that it may be the second of the day before (-1), and that it keeps one from beginning the day after (1). */ -}}
{{define "sessions_of_days"}}
    SELECT minIf(started, shift <= 0) AS began, maxIf(ended, shift <= 0) AS over, sumIf(acts, shift <= 0) AS events, sumIf(looks, shift <= 0) AS page_views,
           minIf(entered, shift <= 0 AND looks > 0).2 AS entry, maxIf(leaving, shift <= 0 AND looks > 0).2 AS exit,
           arrayMap(page -> page.2, arraySort(groupArrayArrayIf(seen, shift <= 0))) AS pages,
           groupUniqArrayIf(person, shift <= 0 AND person != 0) AS persons,
           maxIf(device, shift <= 0) AS device, maxIf(browser, shift <= 0) AS browser, maxIf(country, shift <= 0) AS country,
           maxIf(robot, shift <= 0) = 1 AS bot{{end}}

{{define "sessions_by_gap"}}
    SELECT kept[1].1 AS began, kept[-1].1 AS over, toInt64(length(kept)) - toInt64(length(looks)) AS events, toInt64(length(looks)) AS page_views,
           looks[1].2 AS entry, looks[-1].2 AS exit, arrayMap(row -> row.2, looks) AS pages, [person] AS persons,
           arrayMax(arrayMap(row -> row.6, kept)) AS device, arrayMax(arrayMap(row -> row.7, kept)) AS browser, arrayMax(arrayMap(row -> row.8, kept)) AS country,
           arrayExists(row -> row.5, kept) AS bot
    FROM
    (
        SELECT person, arrayFilter(row -> row.3 <= first + 1, rows) AS kept, arrayFilter(row -> row.4, kept) AS looks
        FROM
        (
            SELECT person, rows, rows[1].3 AS first
            FROM
            (
                SELECT person, arraySplit((row, before) -> row.1 - before >= 1800000, acts, arrayPushFront(arrayPopBack(acts.1), acts[1].1)) AS parts
                FROM
                (
                    SELECT person, arraySort(groupArray((at, path, stored, view, robot, device, browser, country))) AS acts
                    FROM ({{template "session_rows" .}}
                    )
                    WHERE session_id = '' AND person != 0
                    GROUP BY person
                )
            )
            ARRAY JOIN parts AS rows
        )
    ){{end}}

{{define "sessions_that_match"}}
  AND bot = {{if .By "bot"}}{bots:Bool}{{else}}false{{end}}{{if .By "device"}}
  AND has({devices:Array(String)}, device){{end}}{{if .By "browser"}}
  AND has({browsers:Array(String)}, browser){{end}}{{if .By "country"}}
  AND has({countries:Array(String)}, country){{end}}{{end}}

{{define "sessions_stored"}}{{template "sessions_of_days" .}}
    FROM ({{template "session_days_stored" .}}
    )
    ARRAY JOIN [-1, 0, 1] AS shift
    GROUP BY session_id, stored + shift
    HAVING countIf(shift = 0) > 0 AND countIf(shift = 1) = 0
    UNION ALL{{template "sessions_by_gap" .}}{{end}}

{{define "sessions_raw"}}{{template "sessions_of_days" .}}
    FROM ({{template "session_days_raw" .}}
    )
    ARRAY JOIN [-1, 0, 1] AS shift
    GROUP BY session_id, stored + shift
    HAVING countIf(shift = 0) > 0 AND countIf(shift = 1) = 0
    UNION ALL{{template "sessions_by_gap" .}}{{end}}

{{define "session_period"}}transform(roundDown(began, {bounds:Array(Int64)}),
                {bounds:Array(Int64)}, {periods:Array(Int32)}, toInt32(-1)){{end}}

{{define "session_sums"}}SELECT {{template "session_period"}} AS period, toUInt8(grouping(period)) AS whole, count() AS sessions,
       countIf(page_views = 1 AND events = 0) AS bounces, toUInt64(sum(page_views)) AS looks,
       sum(over - began) AS lasted, quantileExactLow(0.5)(over - began) AS median{{end}}

{{define "session_edges"}}SELECT if(has({by:Array(String)}, 'entry'), entry, exit) AS value, count() AS sessions,
       countIf(page_views = 1 AND events = 0) AS bounces, toUInt64(sum(page_views)) AS looks, uniqExactArray(persons) AS visitors{{end}}
