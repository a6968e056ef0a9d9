-- The parts of what has changed; no record of a part began before `first_ns`. Where it has no such time, nothing is stored.
SELECT part, coalesce(min(first_ns), 0) AS first_ns FROM changed GROUP BY part ORDER BY part
