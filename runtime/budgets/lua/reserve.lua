-- Reserves what a call may cost, of each account over it. A reservation whose caller is gone stays: the call may have been
-- made. Work that is parked stays so: another of its calls that go on at once needs more than is left; who begins anew is
-- admitted first, and is parked no more, or tries whether it needs less by now.
-- KEYS account   ARGV account, call, micros, tokens, node, what it is, JSON
-- Returns {1}, {0, account, reason} when its work is parked, {-1, account, who cancelled}. Asked again for the call: {1}.
local now, micros, tokens = now_ms(), tonumber(ARGV[3]), tonumber(ARGV[4])
local over = chain(ARGV[1])
for _, id in ipairs(over) do
  if redis.call('HEXISTS', base .. 'r:' .. id, ARGV[2]) == 1 then return {1} end
end
for _, id in ipairs(over) do
  local said = redis.call('HMGET', base .. 'a:' .. id, 'status', 'by')
  if said[1] == 'cancelled' then return {-1, id, said[2] or ''} end
end
allow_when_full(KEYS[1])
for _, id in ipairs(over) do
  local reason = spent(id, micros, tokens, 0, now)
  if reason then
    park(id, ARGV[5], ARGV[6], now, reason)
    local need = {micros = micros, tokens = tokens, tried = now}
    redis.call('HSET', base .. 'q:' .. id, ARGV[5], cjson.encode(need))
    return {0, id, reason}
  end
end
for _, id in ipairs(over) do
  redis.call('HSET', base .. 'r:' .. id, ARGV[2], micros .. '|' .. tokens)
  redis.call('HINCRBY', base .. 'a:' .. id, 'micros', micros)
  redis.call('HINCRBY', base .. 'a:' .. id, 'tokens', tokens)
  local need = needed(id, ARGV[5])
  if need and need.trying then unpark(id, ARGV[5]) end
end
return {1}
