-- Asks whether guarded works may begin, or calls be made. While their breaker is open they are noted as deferred. When the
-- cool-down is over, one asker gets the permit to probe; it is leased, and its holder's alone.
-- KEYS h, w, q   ARGV lease, ms, permit for a probe; for each work its node, what it is, JSON, a number from 0 up to 1
-- Returns for each {1, generation, permit or '', how often it was deferred, since when, until when, ms}, or {0, ms until it
-- should ask again}. Asked again: the same, but for what it says of deferrals.
local h, w, q, now = KEYS[1], KEYS[2], KEYS[3], now_ms()
allow_when_full(h)
local s = read(h)
local nobody_waits = redis.call('HLEN', w) == 0

local function admit(node, permit)
  local answer = {1, s.gen, permit, 0, '0', '0'}
  local text = not nobody_waits and redis.call('HGET', w, node)
  if text then
    local one = cjson.decode(text)
    answer[4], answer[5], answer[6] = one.times, one.since, one['until']
    redis.call('HDEL', w, node)
    redis.call('ZREM', q, node)
  end
  return answer
end

local function defer(node, what, draw, from, spread)
  nobody_waits = false
  local due = from + math.floor(math.max(spread, redis.call('HLEN', w) * APART_MS) * draw)
  local text = redis.call('HGET', w, node)
  local one, known = cjson.decode(what), text and cjson.decode(text) or {times = 0, since = int(now)}
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

local function ask(node, what, draw, permit)
  if s.held then return defer(node, what, draw, now + HELD_MS, HELD_MS / 2) end
  if s.open_until then
    if now < s.open_until then return defer(node, what, draw, s.open_until, (s.open_until - now) / 2) end
    if s.permit ~= '' and s.permit ~= permit and now < s.permit_until then
      return defer(node, what, draw, s.permit_until, (s.permit_until - now) / 2)
    end
    s.permit, s.permit_until = permit, now + tonumber(ARGV[1])
    redis.call('HSET', h, 'permit', permit, 'permit_until', int(s.permit_until), 'prober', cjson.decode(what).what)
    return admit(node, permit)
  end
  local wave = wave_of(s, now)
  if wave then
    if room_in(s, wave) < 1 then return defer(node, what, draw, s.closed + (wave + 1) * WAVE_MS, WAVE_MS) end
    s.wave, s.begun = wave, (s.wave == wave and s.begun or 0) + 1
    redis.call('HSET', h, 'wave', wave, 'begun', s.begun)
  elseif s.closed then
    redis.call('HDEL', h, 'closed', 'wave', 'begun')
    s.closed = nil
  end
  return admit(node, '')
end

local answers = {}
for at = 3, #ARGV, 3 do
  -- Each has a permit of its own: the second of a batch is as late as anybody else.
  answers[#answers + 1] = ask(ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), ARGV[2] .. '.' .. at)
end
return answers
