DELETE FROM materialized
