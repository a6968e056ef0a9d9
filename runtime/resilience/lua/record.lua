-- Notes how guarded work ended, or several that ended alike. What began before the breaker opened or closed last counts
-- for nothing, nor does a probe whose permit has expired.
-- KEYS h, b, w, q, log
-- ARGV how ('ok', 'failed', 'neutral'), generation, permit or '', why, failures, cooldown_ms, rate or '', window_ms, fewest
--      calls, how many ended so: one, but of what ended well without a permit
-- Returns {'' | 'ignored' | 'opened' | 'closed', now, ms, since when it was open, ms, failed probes, why, node, JSON, ... of
-- what is to ask again now}.
local h, b, w, q, log, now = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], now_ms()
allow_when_full(h)
local how, permit, why, cooldown, count = ARGV[1], ARGV[3], ARGV[4], tonumber(ARGV[6]), tonumber(ARGV[10])
local s = read(h)

local function answer(word, waiting)
  local told = {word, int(now), int(s.since), redis.call('HGET', h, 'probes') or '0', redis.call('HGET', h, 'why') or ''}
  for _, one in ipairs(waiting or {}) do told[#told + 1] = one end
  return told
end

if permit ~= '' then
  if s.permit ~= permit or s.permit_until <= now then return answer('ignored') end
  if how == 'neutral' then
    redis.call('HDEL', h, 'permit', 'permit_until', 'prober')
    return answer('', next_waiting(w, q, now, 1))
  end
  if how == 'failed' then
    open(h, b, log, s, now, cooldown, why, '')
    return answer('')
  end
  local told = answer('closed')
  close(h, b, log, s, now, 'a probe went well', '')
  for _, one in ipairs(next_waiting(w, q, now, FIRST_WAVE)) do told[#told + 1] = one end
  return told
end
if s.gen ~= tonumber(ARGV[2]) or s.open_until or s.held then return answer('ignored') end
if how == 'neutral' then return answer('') end

local function over_window()
  if ARGV[7] == '' then return end
  local slice = math.max(1, math.floor(tonumber(ARGV[8]) / SLICES))
  local current, calls, failed = math.floor(now / slice), 0, 0
  redis.call('HINCRBY', b, int(current) .. ':c', count)
  if how == 'failed' then redis.call('HINCRBY', b, int(current) .. ':f', 1) end
  local found = redis.call('HGETALL', b)
  for at = 1, #found, 2 do
    local of, kind = string.match(found[at], '^(%d+):(%a)$')
    if tonumber(of) <= current - SLICES then
      redis.call('HDEL', b, found[at])
    elseif kind == 'c' then
      calls = calls + tonumber(found[at + 1])
    else
      failed = failed + tonumber(found[at + 1])
    end
  end
  redis.call('PEXPIRE', b, tonumber(ARGV[8]) * 2)
  if calls >= tonumber(ARGV[9]) and failed / calls >= tonumber(ARGV[7]) then
    return failed .. ' of ' .. calls .. ' calls failed: '
  end
end

local too_many = over_window()
if how == 'ok' then
  if s.failures > 0 then redis.call('HDEL', h, 'failures') end
  return answer('', next_waiting(w, q, now, 2 * count))
end
local failures = redis.call('HINCRBY', h, 'failures', 1)
if failures >= tonumber(ARGV[5]) then too_many = failures .. ' in a row failed: ' end
if not too_many then return answer('') end
open(h, b, log, s, now, cooldown, too_many .. why, '')
return answer('opened')
