-- Hands due retries to the group.
-- KEYS rz, rs, n   ARGV group, limit
-- Returns {promoted, next due ms or -1, now ms}.
allow_when_full(KEYS[1])
local now = now_ms()
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, tonumber(ARGV[2]))
for _, delivery in ipairs(due) do
  redis.call('XADD', KEYS[2], '*', 'd', delivery)
  redis.call('ZREM', KEYS[1], delivery)
  move(KEYS[3], ARGV[1], 'retrying', 'pending', 1)
end
local next = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {#due, tonumber(next[2] or -1), now}
