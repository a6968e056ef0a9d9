-- Looks for runs whose deadline has passed.
-- KEYS deadlines   ARGV limit
-- Returns {now, deadline that is next in ms or -1, run*}.
local now = now_ms()
local answer = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
local following = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%d', now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
table.insert(answer, 1, tonumber(following[2] or '-1'))
table.insert(answer, 1, now)
return answer
