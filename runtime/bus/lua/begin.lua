-- Records that an attempt begins, before the handler runs.
-- KEYS stream, d, done, n, dl
-- ARGV group, consumer, entry, is_retry, isolated, kills, vanishings, trace, foreign
-- Returns {'stale'} | {'duplicate'} | {'suspect'} | {'poison', attempts, json of the last}
--       | {'ok', attempt, started_ms, first_ms, json of the attempt before or '', fails}. Asked again: the same, or stale
-- where the delivery was given away.
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return {'stale'} end
allow_when_full(KEYS[1])
book(KEYS[4], ARGV[1], ARGV[3], ARGV[9])
local known = redis.call('HMGET', KEYS[2], 'round', 'n', 'holder', 'suspect', 'deaths', 'vanished', 'fails', 'first_ms', 'e')
local round, attempt = known[1] or '0', tonumber(known[2] or '0')
-- A copy of the event was done, or has died; a retry may have nothing behind it any more. A replay runs all the same.
local is_over
if round == '0' then is_over = redis.call('EXISTS', KEYS[5], KEYS[3]) > 0 else is_over = redis.call('EXISTS', KEYS[5]) == 1 end
local has_record = known[1] or known[9] or known[8]
if is_over or (ARGV[4] == '1' and not has_record and redis.call('EXISTS', KEYS[2]) == 0) then
  settle(KEYS[1], KEYS[4], ARGV[1], ARGV[3], ARGV[4], 'done')
  redis.call('DEL', KEYS[2])
  return {'duplicate'}
end
local now = now_ms()
local mine = hand(ARGV[2], ARGV[3], ARGV[4])
local started = now
if known[3] ~= mine then
  if ARGV[5] == '0' and known[4] == '1' then
    redis.call('HSETNX', KEYS[2], 'round', round)
    isolate(KEYS[1], ARGV[1], ARGV[3], KEYS[2])
    return {'suspect'}
  end
  if tonumber(known[5] or '0') >= tonumber(ARGV[6]) or tonumber(known[6] or '0') >= tonumber(ARGV[7]) then
    redis.call('HSETNX', KEYS[2], 'round', round)
    return {'poison', attempt, conclude(KEYS[2], round, attempt, now, 'lost')}
  end
  attempt = attempt + 1
  redis.call('HSET', KEYS[2], 'round', round, 'n', attempt, 'first_ms', known[8] or now, 'holder', mine,
    'h:' .. round .. ':' .. attempt, cjson.encode({
      attempt = attempt, round = tonumber(round), started_ms = now, worker = ARGV[2], trace_id = ARGV[8]
    }))
else
  started = started_ms(KEYS[2], round, attempt)
end
local fails = tonumber(known[7] or '0')
if attempt == 1 then return {'ok', attempt, started, started, '', fails} end
local before = conclude(KEYS[2], round, attempt - 1, now, 'lost')
return {'ok', attempt, started, started_ms(KEYS[2], round, 1), before, fails}
