-- Put in front of every script of the breaker. One breaker's keys share a hash tag:
-- causeline:1:breakers               set    names of all breakers
-- causeline:1:{breaker.<name>}:h     hash   gen: counts openings and closings; failures in a row; since it is open, ms;
--                                           open_until, ms: not there while it is closed; why, by (an operator), held;
--                                           permit of the probe under way, permit_until, prober; probes that have failed;
--                                           closed, ms: when it closed, wave, begun in it: until its recovery is over;
--                                           settings, JSON; uses:<app>, JSON: what the app guards with it
--                             :b     hash   <slice of the window>:<c|f> -> calls, failures
--                             :w     hash   node that waits -> what it is, since when and how often it was deferred, JSON
--                             :q     zset   the same node -> when it asks again, ms
--                             :log   stream how it opened and closed, and who said so
--                             :once:<call> string a call's answer, for a client that lost it

-- After an outage work comes back in waves of a second: so many in the first, twice as many in each that follows.
local WAVE_MS, FIRST_WAVE, WAVES = 1000, 4, 6
-- What waits for longer than this, ms, and has not asked again, is forgotten; nobody may ever ask for it.
local DAY_MS = 86400000
-- What waits comes back no faster than one in so many ms.
local APART_MS = 2
-- A breaker that is held is asked again after so many ms; whoever closes it has all ask at once.
local HELD_MS = 30000
-- Slices of a window.
local SLICES = 10
local LOG = 200

local function int(number)
  return string.format('%d', number)
end

local function read(h)
  local said = redis.call('HMGET', h, 'gen', 'failures', 'since', 'open_until', 'held', 'permit', 'permit_until', 'closed',
    'wave', 'begun')
  return {
    gen = tonumber(said[1] or '0'), failures = tonumber(said[2] or '0'), since = tonumber(said[3] or '0'),
    open_until = said[4] and tonumber(said[4]), held = said[5] == '1', permit = said[6] or '',
    permit_until = tonumber(said[7] or '0'), closed = said[8] and tonumber(said[8]), wave = tonumber(said[9] or '-1'),
    begun = tonumber(said[10] or '0')
  }
end

-- Which wave of a recovery it is now, from 0; nil when it is over, or there is none.
local function wave_of(s, now)
  if not s.closed then return nil end
  local wave = math.floor((now - s.closed) / WAVE_MS)
  if wave < WAVES then return math.max(wave, 0) end
end

-- How many more may begin in a wave.
local function room_in(s, wave)
  local begun = s.wave == wave and s.begun or 0
  return math.max(FIRST_WAVE * 2 ^ wave - begun, 0)
end

local function note(log, state, why, by)
  redis.call('XADD', log, 'MAXLEN', LOG, '*', 'state', state, 'why', why, 'by', by)
end

-- Opens it, or opens it again: results of work that began before count for nothing. What is counted begins anew when it
-- closes.
local function open(h, b, log, s, now, cooldown, why, by, state)
  redis.call('HDEL', h, 'permit', 'permit_until', 'prober', 'closed', 'wave', 'begun', 'held')
  redis.call('HSET', h, 'gen', s.gen + 1, 'open_until', int(now + cooldown), 'why', why, 'by', by)
  if s.open_until and by == '' then
    redis.call('HINCRBY', h, 'probes', 1)
  else
    redis.call('DEL', b)
    redis.call('HSET', h, 'since', int(now), 'probes', 0)
    note(log, state or 'open', why, by)
  end
end

local function close(h, b, log, s, now, why, by)
  redis.call('HDEL', h, 'open_until', 'since', 'failures', 'probes', 'permit', 'permit_until', 'prober', 'held', 'wave', 'begun')
  redis.call('HSET', h, 'gen', s.gen + 1, 'closed', int(now), 'why', why, 'by', by)
  redis.call('DEL', b)
  note(log, 'closed', why, by)
end

-- The next of those that wait, and that would not ask again by themselves yet: node, JSON, node, JSON, ...
local function next_waiting(w, q, now, count)
  local found = {}
  for _, node in ipairs(redis.call('ZRANGEBYSCORE', q, '(' .. int(now), '+inf', 'LIMIT', 0, count)) do
    local text = redis.call('HGET', w, node)
    if text then
      found[#found + 1] = node
      found[#found + 1] = text
      redis.call('ZADD', q, int(now), node)
    end
  end
  return found
end
