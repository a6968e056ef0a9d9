-- Records that came beside another of the same span with other content; it matters not which of them is shown.
INSERT INTO replacements
SELECT $at_ns, contradicts, count(*)
FROM contested
WHERE origin = 2 AND differs
GROUP BY contradicts
HAVING count(*) > 0
