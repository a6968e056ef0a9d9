-- Which of the nodes of one step in a run a record is of: `#2` for a loop's second round, `[3]` for an item of a fan-out, NULL
-- for its first place. On the end of a run that failed, that of the step that failed it. No record of before has one.
ALTER TABLE spans ADD COLUMN step_place VARCHAR;
ALTER TABLE pending ADD COLUMN step_place VARCHAR;
ALTER TABLE superseded ADD COLUMN step_place VARCHAR;

-- Whether a node ran code of its step or group: only that is in figures. All of it is worked out anew.
DELETE FROM materialized_work;
DELETE FROM materialized;
ALTER TABLE materialized_work ADD COLUMN has_worked BOOLEAN;
