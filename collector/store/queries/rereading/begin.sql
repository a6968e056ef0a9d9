-- Begins with the oldest: of all that is stored until now where older rules were used, else of what came since `$since_us`.
INSERT INTO rereading SELECT $rules, $since_us, epoch_us(now()) + 1, (-9223372036854775808)::BIGINT
