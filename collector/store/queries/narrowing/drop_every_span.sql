DROP VIEW temp.every_span
