-- A point that is sent again, because an answer was lost, is known by its series and its times, in the form in which it was
-- decoded. What has no time that can be has that of its arrival.
INSERT INTO metric_points BY NAME
WITH incoming AS (
    SELECT
        incoming_points.* REPLACE (CASE WHEN is_early(time_ns) THEN $now_ns ELSE time_ns END AS time_ns),
        told.point_id
    FROM incoming_points POSITIONAL JOIN (SELECT hash(sent_points) AS point_id FROM sent_points) AS told
)
SELECT * FROM incoming
ANTI JOIN metric_points USING (point_id)
QUALIFY row_number() OVER (PARTITION BY point_id) = 1
