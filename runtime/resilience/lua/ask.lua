-- Asks whether guarded work may begin, or a call be made. While its breaker is open it is noted as deferred. When the
-- cool-down is over, one asker gets the permit to probe; it is leased, and its holder's alone.
-- KEYS h, w, q   ARGV node, what it is, JSON, permit for a probe, its lease, ms, a number from 0 up to 1
-- Returns {1, generation, permit or '', how often it was deferred, since when, until when, ms}, or {0, ms until it should
-- ask again}. Asked again: the same, but for what it says of deferrals.
local h, w, q, node, now = KEYS[1], KEYS[2], KEYS[3], ARGV[1], now_ms()
allow_when_full(h)
local s = read(h)

local function admit(permit)
  local answer, text = {1, s.gen, permit, 0, '0', '0'}, redis.call('HGET', w, node)
  if text then
    local one = cjson.decode(text)
    answer[4], answer[5], answer[6] = one.times, one.since, one['until']
    redis.call('HDEL', w, node)
    redis.call('ZREM', q, node)
  end
  return answer
end

local function defer(from, spread)
  local due = from + math.floor(math.max(spread, redis.call('HLEN', w) * APART_MS) * tonumber(ARGV[5]))
  local text = redis.call('HGET', w, node)
  local one, known = cjson.decode(ARGV[2]), text and cjson.decode(text) or {times = 0, since = int(now)}
  one.times, one.since, one['until'] = known.times + 1, known.since, int(due)
  redis.call('HSET', w, node, cjson.encode(one))
  redis.call('ZADD', q, int(due), node)
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', q, '-inf', int(now - DAY_MS), 'LIMIT', 0, 10)) do
    redis.call('ZREM', q, gone)
    redis.call('HDEL', w, gone)
  end
  redis.call('PEXPIRE', w, DAY_MS)
  redis.call('PEXPIRE', q, DAY_MS)
  return {0, due - now}
end

if s.held then return defer(now + HELD_MS, HELD_MS / 2) end
if s.open_until then
  if now < s.open_until then return defer(s.open_until, (s.open_until - now) / 2) end
  if s.permit ~= '' and s.permit ~= ARGV[3] and now < s.permit_until then
    return defer(s.permit_until, (s.permit_until - now) / 2)
  end
  redis.call('HSET', h, 'permit', ARGV[3], 'permit_until', int(now + tonumber(ARGV[4])), 'prober', cjson.decode(ARGV[2]).what)
  return admit(ARGV[3])
end
local wave = wave_of(s, now)
if wave then
  if room_in(s, wave) < 1 then return defer(s.closed + (wave + 1) * WAVE_MS, WAVE_MS) end
  redis.call('HSET', h, 'wave', wave, 'begun', (s.wave == wave and s.begun or 0) + 1)
elseif s.closed then
  redis.call('HDEL', h, 'closed', 'wave', 'begun')
end
return admit('')
