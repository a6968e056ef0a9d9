DROP TABLE temp.spans
