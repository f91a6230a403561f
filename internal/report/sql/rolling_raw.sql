-- By how much the persons active within 1, 7 and more days grow from a day to the
-- next, in any time zone and by any filter: the running sums are the rolling active users.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the days, from the longest window before
--                     the first one asked for, half-open; they only prune
-- bounds, periods     moments from which a day runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- window              days of the longest window
-- filters             see parts/rows.sql
WITH activity AS
(
    {{template "activity_of_events" .}}
),
gaps AS
(
    {{template "gaps"}}
)
{{template "rolling"}}
