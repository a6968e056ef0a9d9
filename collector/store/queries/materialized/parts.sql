-- The parts of what has changed, and whether all of a part is new; no record of it began before `first_ns`. Where it has no such
-- time, nothing is stored.
SELECT part, coalesce(min(first_ns), 0) AS first_ns, NOT bool_or(was_known) AS is_new FROM changed GROUP BY part ORDER BY part
