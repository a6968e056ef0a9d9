-- How many records of the batch are none that came before.
SELECT count(*) AS records FROM contested WHERE origin = 2
