SELECT DISTINCT trace_id FROM records WHERE correlation_id IN (SELECT unnest($correlations))
