CREATE OR REPLACE TEMP TABLE incoming_links AS
FROM read_parquet($links) WHERE row BETWEEN $first AND $last AND row IN (SELECT row FROM staged)
