-- Opens an account, once.
-- KEYS account, all   ARGV account, parent or '', app, what, minutes or '', max micros, tokens, hops ('' for none), prices
-- Returns 1.
if redis.call('EXISTS', KEYS[1]) == 1 then return 1 end
local now = now_ms()
redis.call('HSET', KEYS[1], 'parent', ARGV[2], 'app', ARGV[3], 'what', ARGV[4], 'opened', now, 'prices', ARGV[9])
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'ends', string.format('%d', now + tonumber(ARGV[5]) * 60000)) end
for at, field in ipairs({'max_micros', 'max_tokens', 'max_hops'}) do
  if ARGV[5 + at] ~= '' then redis.call('HSET', KEYS[1], field, ARGV[5 + at]) end
end
redis.call('ZADD', KEYS[2], now, ARGV[1])
touch({ARGV[1]}, now)
return 1
