-- Who is still there by cohort of first seen, over whole local months.
-- Table user_month, sorted by (project, person, month, role), a partition a month, and
-- table persons, sorted by (project, person).
-- project
-- day_from, day_to    first days of months in local time, half-open; open at the end where any
--                     later activity counts
-- day_periods         the period of each day from day_from on, and then that of all later ones
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- kind, followed      on, on_or_after or streak; the number of periods after the cohort's own
-- filters             see parts/rows.sql
WITH activity AS
(
    {{template "activity_of_months" .}}
),
births AS
(
    {{template "births"}}
),
lives AS
(
    {{template "lives"}}
)
{{template "retention"}}
