-- Records that an attempt begins, before the handler runs.
-- KEYS stream, d, done, n, dl
-- ARGV group, consumer, entry, is_retry, isolated, kills, vanishings, trace, foreign
-- Returns {'stale'} | {'duplicate'} | {'suspect'} | {'poison', attempts, json of the last}
--       | {'ok', attempt, started_ms, first_ms, json of the attempt before or '', fails}. Asked again: the same, or stale
-- where the delivery was given away.
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return {'stale'} end
allow_when_full(KEYS[1])
book(KEYS[4], ARGV[1], ARGV[3], ARGV[9])
-- A copy of the event was done, or has died; a retry may have nothing behind it any more. A replay runs all the same.
local round = redis.call('HGET', KEYS[2], 'round') or '0'
local is_over = redis.call('EXISTS', KEYS[5]) == 1 or (round == '0' and redis.call('EXISTS', KEYS[3]) == 1)
if is_over or (ARGV[4] == '1' and redis.call('EXISTS', KEYS[2]) == 0) then
  settle(KEYS[1], KEYS[4], ARGV[1], ARGV[3], ARGV[4], 'done')
  redis.call('DEL', KEYS[2])
  return {'duplicate'}
end
local function count(field)
  return tonumber(redis.call('HGET', KEYS[2], field) or '0')
end
local now = now_ms()
redis.call('HSETNX', KEYS[2], 'round', round)
local mine = hand(ARGV[2], ARGV[3], ARGV[4])
local attempt = count('n')
if redis.call('HGET', KEYS[2], 'holder') ~= mine then
  if ARGV[5] == '0' and redis.call('HGET', KEYS[2], 'suspect') == '1' then
    isolate(KEYS[1], ARGV[1], ARGV[3], KEYS[2])
    return {'suspect'}
  end
  if count('deaths') >= tonumber(ARGV[6]) or count('vanished') >= tonumber(ARGV[7]) then
    return {'poison', attempt, conclude(KEYS[2], round, attempt, now, 'lost')}
  end
  attempt = redis.call('HINCRBY', KEYS[2], 'n', 1)
  redis.call('HSETNX', KEYS[2], 'first_ms', now)
  redis.call('HSET', KEYS[2], 'holder', mine, 'h:' .. round .. ':' .. attempt, cjson.encode({
    attempt = attempt, round = tonumber(round), started_ms = now, worker = ARGV[2], trace_id = ARGV[8]
  }))
end
local started = cjson.decode(redis.call('HGET', KEYS[2], 'h:' .. round .. ':' .. attempt)).started_ms
local first = cjson.decode(redis.call('HGET', KEYS[2], 'h:' .. round .. ':1')).started_ms
return {'ok', attempt, started, first, conclude(KEYS[2], round, attempt - 1, now, 'lost'), count('fails')}
