-- Raises limits of an account, or cancels it. What is parked under it is asked anew.
-- KEYS account, parked, spent, audit   ARGV how ('raise' or 'cancel'), operator, micros, tokens, hops, minutes more ('' for none),
--      account, what is added, in words
-- Returns {parked, JSON, ...}; nothing when there is no such account.
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
if ARGV[1] == 'cancel' then
  redis.call('HSET', KEYS[1], 'status', 'cancelled', 'by', ARGV[2])
else
  for at, field in ipairs({'max_micros', 'max_tokens', 'max_hops'}) do
    if ARGV[2 + at] ~= '' then
      local most = redis.call('HGET', KEYS[1], field)
      if most then redis.call('HINCRBY', KEYS[1], field, ARGV[2 + at]) end
    end
  end
  local ends = redis.call('HGET', KEYS[1], 'ends')
  if ARGV[6] ~= '' and ends then
    redis.call('HSET', KEYS[1], 'ends', string.format('%d', math.max(now_ms(), tonumber(ends)) + tonumber(ARGV[6]) * 60000))
  end
end
redis.call('XADD', KEYS[4], '*', 'action', ARGV[1] .. '_budget', 'budget', ARGV[7], 'operator', ARGV[2], 'reason', ARGV[8],
  'app', redis.call('HGET', KEYS[1], 'app'), 'what', redis.call('HGET', KEYS[1], 'what'))
local parked = redis.call('HGETALL', KEYS[2])
redis.call('DEL', KEYS[2], base .. 'q:' .. ARGV[7])
redis.call('ZREM', KEYS[3], ARGV[7])
return parked
