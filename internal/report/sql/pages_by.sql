-- Page views by what they are about or came from, with their visitors.
-- Table page_views, sorted by (project, day, path, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; in another zone they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
-- by                  what is ranked: a column
-- limit, offset       page of the answer
SELECT value, count() AS page_views, uniqExactIf(person, person != 0) AS visitors,
       toInt64(sum(duration_ms)) AS told, countIf(duration_ms > 0) AS tellers
FROM
(
    SELECT if(has({by:Array(String)}, 'path'), path, multiIf(
                   has({by:Array(String)}, 'source'), toString(source),
                   has({by:Array(String)}, 'utm_source'), toString(utm_source),
                   has({by:Array(String)}, 'utm_medium'), toString(utm_medium),
                   has({by:Array(String)}, 'utm_campaign'), toString(utm_campaign),
                   has({by:Array(String)}, 'device'), toString(device),
                   has({by:Array(String)}, 'browser'), toString(browser),
                   has({by:Array(String)}, 'os'), toString(os),
                   has({by:Array(String)}, 'country'), toString(country), toString(host))) AS value,
           person, duration_ms
    FROM page_views
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}{{template "in_range" .}}{{template "page_views_by" .}}
)
GROUP BY value
ORDER BY page_views DESC, visitors DESC, value
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
