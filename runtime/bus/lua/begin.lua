-- Records that an attempt begins, before the handler runs.
-- KEYS stream, d, done, n, dl   ARGV group, consumer, entry, is_retry, solo, death_limit, worker, trace, foreign
-- Returns {'stale'} | {'duplicate'} | {'poison', attempts} | {'ok', attempt, started_ms, first_ms, json of the attempt before or '', fails}
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return {'stale'} end
book(KEYS[2], KEYS[4], ARGV[1], ARGV[3], ARGV[9])
if ARGV[4] == '0' and redis.call('EXISTS', KEYS[3], KEYS[5]) > 0 then
  settle(KEYS[1], ARGV[1], ARGV[3], ARGV[4])
  move(KEYS[4], ARGV[1], 'pending', 'done')
  if redis.call('HEXISTS', KEYS[2], 'n') == 0 then redis.call('DEL', KEYS[2]) end
  return {'duplicate'}
end
-- A flag that is still set means that the attempt which ran alone never ended: only such a death counts, because
-- whatever else ran beside it can't have killed the worker.
if redis.call('HGET', KEYS[2], 'solo') == '1' then
  redis.call('HSET', KEYS[2], 'solo', '0')
  if redis.call('HINCRBY', KEYS[2], 'deaths', 1) >= tonumber(ARGV[6]) then
    return {'poison', redis.call('HGET', KEYS[2], 'n')}
  end
end
local now = now_ms()
local attempt = redis.call('HINCRBY', KEYS[2], 'n', 1)
redis.call('HSETNX', KEYS[2], 'first_ms', now)
redis.call('HSETNX', KEYS[2], 'round', '0')
local round = redis.call('HGET', KEYS[2], 'round')
redis.call('HSET', KEYS[2], 'solo', ARGV[5], 'h:' .. round .. ':' .. attempt, cjson.encode({
  attempt = attempt, round = tonumber(round), started_ms = now, worker = ARGV[7], trace_id = ARGV[8]
}))
local before = redis.call('HGET', KEYS[2], 'h:' .. round .. ':' .. (attempt - 1))
local first = cjson.decode(redis.call('HGET', KEYS[2], 'h:' .. round .. ':1')).started_ms
return {'ok', attempt, now, first, before or '', tonumber(redis.call('HGET', KEYS[2], 'fails') or '0')}
