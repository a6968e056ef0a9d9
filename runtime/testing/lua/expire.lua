-- Has the time of waits be up sooner.
-- KEYS waits   ARGV ms
local waits = redis.call('HGETALL', KEYS[1])
for at = 1, #waits, 2 do
  local wait = cjson.decode(waits[at + 1])
  if wait.ends then
    wait.ends = string.format('%d', tonumber(wait.ends) - tonumber(ARGV[1]))
    redis.call('HSET', KEYS[1], waits[at], cjson.encode(wait))
  end
end
return 0
