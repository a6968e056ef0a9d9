SELECT reason, kept, sum(spans)::BIGINT AS records
FROM rejections WHERE at_ns >= $first_ns
GROUP BY reason, kept ORDER BY reason
