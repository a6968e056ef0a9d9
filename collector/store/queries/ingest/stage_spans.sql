-- The batch as a table, of which rows can be taken out.
CREATE OR REPLACE TEMP TABLE staged AS FROM incoming_spans
