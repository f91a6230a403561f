-- Persons by the number of local days on which they were active.
-- Table user_day, sorted by (project, person, day, role), a partition a month.
-- project
-- day_from, day_to    local days of the range, half-open
-- day_periods         the number of each day from day_from on, and then that of all later ones
-- filters             see parts/rows.sql
WITH activity AS
(
    {{template "activity_of_days" .}}
)
{{template "stickiness"}}
