-- Asks whether work may begin: it is a hop of each account over it, counted once. What may not is noted as parked. So does
-- work whose call did not fit, until it fits: to begin anew would lead there again, at the cost of all that the work does
-- before. Its code may have come to need less meanwhile, so it is tried now and then, and stays parked until a call fits.
-- KEYS account   ARGV account, node, what it is, JSON
-- Returns {1}, {0, account, reason} when it is parked, {-1, account, who cancelled}.
local try_every_ms = 3600000
local now = now_ms()
local over, trying = chain(ARGV[1]), {}
allow_when_full(KEYS[1])
touch(over, now)
for _, id in ipairs(over) do
  local said = redis.call('HMGET', base .. 'a:' .. id, 'status', 'by')
  if said[1] == 'cancelled' then return {-1, id, said[2] or ''} end
end
for _, id in ipairs(over) do
  local is_counted = redis.call('SISMEMBER', base .. 'n:' .. id, ARGV[2]) == 1
  local reason = spent(id, 0, 0, is_counted and 0 or 1, now)
  if reason then
    park(id, ARGV[2], ARGV[3], now, reason)
    return {0, id, reason}
  end
end
for _, id in ipairs(over) do
  local need = needed(id, ARGV[2])
  local reason = need and spent(id, need.micros, need.tokens, 0, now)
  if reason and not need.trying and now - need.tried < try_every_ms then
    park(id, ARGV[2], ARGV[3], now, reason)
    return {0, id, reason}
  end
  trying[id] = reason and need
end
for _, id in ipairs(over) do
  if redis.call('SADD', base .. 'n:' .. id, ARGV[2]) == 1 then redis.call('HINCRBY', base .. 'a:' .. id, 'hops', 1) end
  if trying[id] then
    trying[id].trying = true
    redis.call('HSET', base .. 'q:' .. id, ARGV[2], cjson.encode(trying[id]))
  else
    unpark(id, ARGV[2])
  end
end
return {1}
