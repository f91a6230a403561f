-- A run of the retention cells goes.
-- run
ALTER TABLE retention_cells DROP PARTITION {run:String}
