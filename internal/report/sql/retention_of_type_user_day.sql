-- Who is still there by cohort of a first event of a type, over whole local days.
-- Table user_day, sorted by (project, person, day, role), and
-- table events, sorted by (project, day, type, person, occurred_at); a partition a month each.
-- project
-- day_from, day_to    local days, half-open; open at the end where any later activity counts
-- day_periods         the period of each day from day_from on, and then that of all later ones
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- kind, followed      on, on_or_after or streak; the number of periods after the cohort's own
-- filters             see parts/rows.sql
-- cohort_types        type of the event that begins a cohort
WITH activity AS
(
    {{template "activity_of_days" .}}
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
