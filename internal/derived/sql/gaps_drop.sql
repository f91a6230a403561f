-- A run of the gap histogram goes.
-- run
ALTER TABLE gap_day DROP PARTITION {run:String}
