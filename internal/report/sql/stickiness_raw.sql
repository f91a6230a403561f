-- Persons by the number of days on which they were active, in any time zone and by any filter.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; they only prune
-- bounds, periods     moments from which a day runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
WITH activity AS
(
    {{template "activity_of_events" .}}
)
{{template "stickiness"}}
