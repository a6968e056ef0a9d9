-- The one gate of all ticks: of those that are due, those that were missed, those that waited, and those by hand. A tick that
-- passes is noted with the run that it starts, whose id follows from it; whoever is there starts that, as often as needed.
-- KEYS schedule, ticks, aud   ARGV prefix of the app's keys, how (`due`, `waiting`, `hand`), tick (JSON; '' to drop ticks
-- alone), its run, the tick that is next as the caller knows it, the one that follows, how many are dropped, rule that the
-- caller goes by, operator
-- Returns {'started', tick (JSON) that starts}, {'skipped', run that goes on}, {'waits', run that goes on}, {'cancel', run
-- that is to be cancelled first}, {'dropped'}, {'stale'} when somebody else was first, {} when there is no such schedule.
local schedule, ticks, how, tick, run = KEYS[1], KEYS[2], ARGV[2], ARGV[3], ARGV[4]
local now = string.format('%d', now_ms())
local said = redis.call('HMGET', schedule, 'next', 'spec', 'paused', 'waiting', 'overlap', 'run')
local next_ms, spec, paused, waiting, overlap, former = said[1], said[2], said[3], said[4], said[5], said[6]
if not next_ms then return {} end
if how == 'due' and (next_ms ~= ARGV[5] or spec ~= ARGV[8] or paused or tonumber(next_ms) > tonumber(now)) then
  return {'stale'}
end
if how == 'waiting' and (waiting ~= tick or paused) then return {'stale'} end

local status = former and redis.call('HGET', ARGV[1] .. 'run:' .. former, 'status')
-- A run whose steps are undone goes on, and so does one that is noted and has not been started yet; nobody can cancel those.
local is_open = status == 'running' or status == 'undoing'
  or (former and not status and redis.call('HEXISTS', ticks, former) == 1)
if overlap == 'cancel' and status == 'running' and tick ~= '' then return {'cancel', former} end

local function count(what, how_many)
  if how_many == 0 then return end
  redis.call('HINCRBY', schedule, what, how_many)
  redis.call('HSET', schedule, what .. '_at', now)
end
if how == 'due' then
  redis.call('HSET', schedule, 'next', ARGV[6])
  count('dropped', tonumber(ARGV[7]))
  if tick == '' then return {'dropped'} end
  redis.call('HSET', schedule, 'claimed', now)
elseif how == 'hand' then
  redis.call('XADD', KEYS[3], '*', 'action', 'run_schedule', 'run', run, 'schedule', string.match(schedule, '[^:]*$'),
    'workflow', redis.call('HGET', schedule, 'workflow'), 'operator', ARGV[9])
end
if is_open and overlap ~= 'allow' then
  if how == 'waiting' then return {'waits', former} end
  if overlap == 'skip' or waiting then
    count('skipped', 1)
    return {'skipped', former}
  end
  redis.call('HSET', schedule, 'waiting', tick)
  return {'waits', former}
end
if how == 'waiting' then
  redis.call('HDEL', schedule, 'waiting')
elseif waiting then -- it came first, and so it starts first
  redis.call('HSET', schedule, 'waiting', tick)
  tick, run = waiting, cjson.decode(waiting).run
end
redis.call('HSET', ticks, run, now .. '|' .. tick)
redis.call('HSET', schedule, 'run', run, 'last', now .. '|' .. tick)
count('started', 1)
return {'started', now .. '|' .. tick}
