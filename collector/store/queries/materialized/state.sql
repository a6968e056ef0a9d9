-- Before which time all that was stored is materialized, and from which on nothing is: NULL where that is not known. None of it
-- holds of what has changed in place since.
SELECT
    coalesce(min(until_us), 0) AS until_us,
    max(reached_us) AS reached_us,
    EXISTS (FROM changed_work) AS has_amended
FROM materialized
