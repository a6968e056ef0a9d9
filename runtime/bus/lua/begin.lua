-- Records that attempts begin, before their handlers run: those that a consumer begins in one turn, of one stream.
-- KEYS stream, n, (d, done, dl)*
-- ARGV group, consumer, is_retry, isolated, kills, vanishings, (entry, trace, foreign)*
-- Returns for each: {'stale'} | {'duplicate'} | {'suspect'} | {'poison', attempts, json of the last}
--       | {'ok', attempt, started_ms, first_ms, json of the attempt before or '', fails}. Asked again: the same, or stale
-- where the delivery was given away.
local stream, counters, group, consumer, is_retry = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3]
local now = now_ms()
allow_when_full(stream)

local function over(delivery, entry)
  settle(stream, counters, group, entry, is_retry, 'done')
  pass_on(stream, counters, group, delivery, key_of(delivery, is_retry))
  redis.call('DEL', delivery)
  return {'duplicate'}
end

local function attempt_at(delivery, entry, round, attempt, first_ms, trace)
  redis.call('HSET', delivery, 'round', round, 'n', attempt, 'first_ms', first_ms,
    'holder', hand(consumer, entry, is_retry), 'h:' .. round .. ':' .. attempt, cjson.encode({
      attempt = attempt, round = tonumber(round), started_ms = now, worker = consumer, trace_id = trace
    }))
end

-- A delivery of which something is known already.
local function begin_known(delivery, done, letter, entry, trace)
  local known = redis.call('HMGET', delivery, 'round', 'n', 'holder', 'suspect', 'deaths', 'vanished', 'fails', 'first_ms', 'e')
  local round, attempt = known[1] or '0', tonumber(known[2] or '0')
  -- A copy of the event was done, or has died; a retry may have nothing behind it any more. A replay runs all the same.
  local is_over
  if round == '0' then is_over = redis.call('EXISTS', letter, done) > 0 else is_over = redis.call('EXISTS', letter) == 1 end
  local has_record = known[1] or known[9] or known[8]
  if is_over or (is_retry == '1' and not has_record and redis.call('EXISTS', delivery) == 0) then
    return over(delivery, entry)
  end
  local started = now
  if known[3] ~= hand(consumer, entry, is_retry) then
    if ARGV[4] == '0' and known[4] == '1' then
      redis.call('HSETNX', delivery, 'round', round)
      isolate(stream, group, entry, delivery)
      return {'suspect'}
    end
    if tonumber(known[5] or '0') >= tonumber(ARGV[5]) or tonumber(known[6] or '0') >= tonumber(ARGV[6]) then
      redis.call('HSETNX', delivery, 'round', round)
      return {'poison', attempt, conclude(delivery, round, attempt, now, 'lost')}
    end
    attempt = attempt + 1
    attempt_at(delivery, entry, round, attempt, known[8] or now, trace)
  else
    started = started_ms(delivery, round, attempt)
  end
  local fails = tonumber(known[7] or '0')
  if attempt == 1 then return {'ok', attempt, started, started, '', fails} end
  local before = conclude(delivery, round, attempt - 1, now, 'lost')
  return {'ok', attempt, started, started_ms(delivery, round, 1), before, fails}
end

local answers, is_mine = {}, holding(stream, group, consumer, 7, 3)
for place = 1, (#KEYS - 2) / 3 do
  local key, at = 3 * place, 3 * place + 4
  local delivery, done, letter, entry, trace = KEYS[key], KEYS[key + 1], KEYS[key + 2], ARGV[at], ARGV[at + 1]
  if not is_mine[entry] then
    answers[place] = {'stale'}
  else
    book(counters, group, entry, ARGV[at + 2])
    if is_retry == '0' and redis.call('EXISTS', delivery, done, letter) == 0 then
      attempt_at(delivery, entry, '0', 1, now, trace)
      answers[place] = {'ok', 1, now, now, '', 0}
    else
      answers[place] = begin_known(delivery, done, letter, entry, trace)
    end
  end
end
return answers
