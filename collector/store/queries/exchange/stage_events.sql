CREATE OR REPLACE TEMP TABLE incoming_events AS
FROM read_parquet($events) WHERE row BETWEEN $first AND $last AND row IN (SELECT row FROM staged)
