-- A run comes into force.
-- Table derived_runs, sorted by (project, part).
-- project, part, run, took_ms, kept, roles
-- as_of          when it began to read
-- days, marks    what it has seen
INSERT INTO derived_runs (project, part, run, as_of, took_ms, kept, roles, days, marks)
SELECT {project:String}, {part:String}, {run:UInt64}, {as_of:DateTime64(3, 'UTC')}, {took_ms:UInt32}, {kept:Date}, {roles:Array(String)},
       arrayMap(d -> toDate(d), {days:Array(UInt16)}), {marks:Array(UInt64)}
