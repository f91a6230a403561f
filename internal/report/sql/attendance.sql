-- Who registered for, attended and cancelled events that people attend: distinct
-- persons an event, added up over the events.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; in another zone they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
SELECT {{template "attended" .}}
