-- Hands due retries to the group, and events that were held back and are due to the channel, owed to all of its groups.
-- KEYS rz, rs, n, s, groups, lz, le   ARGV group, limit, cap
-- Returns {promoted, next due ms or -1, now ms, 1 when the channel is full}.
allow_when_full(KEYS[1])
local now = now_ms()
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, tonumber(ARGV[2]))
for _, delivery in ipairs(due) do
  redis.call('XADD', KEYS[2], '*', 'd', delivery)
  redis.call('ZREM', KEYS[1], delivery)
  move(KEYS[3], ARGV[1], 'retrying', 'pending', 1)
end
local promoted, is_full = #due, 0
local events = redis.call('ZRANGEBYSCORE', KEYS[6], '-inf', now, 'LIMIT', 0, tonumber(ARGV[2]))
if #events > 0 then
  local groups = redis.call('HKEYS', KEYS[5])
  for _, event in ipairs(events) do
    if #groups > 0 and redis.call('XLEN', KEYS[4]) >= tonumber(ARGV[3]) then
      is_full = 1
      break
    end
    local envelope = redis.call('HGET', KEYS[7], event)
    if envelope then
      redis.call('XADD', KEYS[4], '*', 'e', envelope, 'b', '1')
      redis.call('HINCRBY', KEYS[3], 'published', 1)
      for _, group in ipairs(groups) do redis.call('HINCRBY', KEYS[3], group .. ':pending', 1) end
      promoted = promoted + 1
    end
    redis.call('ZREM', KEYS[6], event)
    redis.call('HDEL', KEYS[7], event)
  end
end
local next = tonumber(redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] or -1)
local later = tonumber(redis.call('ZRANGE', KEYS[6], 0, 0, 'WITHSCORES')[2] or -1)
if later >= 0 and is_full == 0 and (next < 0 or later < next) then next = later end
return {promoted, next, now, is_full}
