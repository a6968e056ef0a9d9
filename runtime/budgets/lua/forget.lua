-- Removes accounts that nobody has asked or charged since a time, and under which nothing is parked.
-- KEYS all, used   ARGV before ms, how many at most
-- Returns how many were removed.
local removed = 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])) do
  if redis.call('HLEN', base .. 'p:' .. id) == 0 then
    for _, kind in ipairs({'a:', 'n:', 'r:', 'q:'}) do redis.call('DEL', base .. kind .. id) end
    redis.call('ZREM', KEYS[1], id)
    redis.call('ZREM', KEYS[2], id)
    removed = removed + 1
  end
end
return removed
