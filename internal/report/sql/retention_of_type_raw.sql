-- Who is still there by cohort of a first event of a type, in any time zone and by any filter.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the periods, half-open; they only prune;
--                     open at the end where any later activity counts
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- kind, followed      on, on_or_after or streak; the number of periods after the cohort's own
-- filters             see parts/rows.sql
-- cohort_types        type of the event that begins a cohort
WITH activity AS
(
    {{template "activity_of_events" .}}
),
births AS
(
    {{template "births_of_type"}}
),
lives AS
(
    {{template "lives"}}
)
{{template "retention"}}
