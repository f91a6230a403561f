-- By how much the persons active within 1, 7 and more days grow from a day to the
-- next: the running sums are the rolling active users.
-- Table user_day, sorted by (project, person, day, role), a partition a month.
-- project
-- day_from, day_to    local days, from the longest window before the first one asked for, half-open
-- day_periods         the number of each day from day_from on, and then that of all later ones
-- window              days of the longest window
-- filters             see parts/rows.sql
WITH activity AS
(
    {{template "activity_of_days" .}}
),
gaps AS
(
    {{template "gaps"}}
)
{{template "rolling"}}
