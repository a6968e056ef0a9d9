-- A point that is sent again, because an answer was lost, is known by its series and its times.
INSERT INTO metric_points BY NAME
WITH incoming AS (
    SELECT *, hash(incoming_points) AS point_id FROM incoming_points
)
SELECT * FROM incoming
ANTI JOIN metric_points USING (point_id)
QUALIFY row_number() OVER (PARTITION BY point_id) = 1
