-- When every so many-th record began, the latest first: where to cut time into stretches that hold equally many.
SELECT start_ns FROM spans WHERE rowid % $every::BIGINT = 0 AND start_ns < $end_ns ORDER BY start_ns DESC
