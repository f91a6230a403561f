-- Growth accounting by period, in any time zone and by any filter.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month, and
-- table persons, sorted by (project, person).
-- project
-- day_from, day_to    days in the project's zone that hold the periods, half-open; they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
WITH activity AS
(
    {{template "activity_of_events" .}}
),
births AS
(
    {{template "births"}}
),
lives AS
(
    {{template "lives"}}
)
{{template "lifecycle"}}
