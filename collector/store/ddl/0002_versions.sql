-- The version of the app that accepted a run. Nothing writes or reads the index of a step any more.
ALTER TABLE spans ADD COLUMN run_version VARCHAR;
ALTER TABLE pending ADD COLUMN run_version VARCHAR;
ALTER TABLE spans DROP COLUMN step_index;
ALTER TABLE pending DROP COLUMN step_index;
