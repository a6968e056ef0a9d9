SELECT reason, sum(spans)::BIGINT AS spans FROM rejections WHERE at_ns >= $first_ns GROUP BY reason ORDER BY reason
