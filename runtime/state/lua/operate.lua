-- What an operator does to a schedule. Ticks of the time that it was paused are dropped.
-- KEYS schedules, schedule, ticks, aud   ARGV name, `pause`, `unpause` or `remove`, operator, and to let it go on: its next
-- tick as the caller knows it, the one that follows now, how many are dropped
-- Returns {1}, {0} when nothing is to be done, {-1} when another tick is next, {} when there is no such schedule.
local paused, next_ms, workflow = unpack(redis.call('HMGET', KEYS[2], 'paused', 'next', 'workflow'))
if not next_ms then return {} end
if (ARGV[2] == 'pause') == (paused and true or false) and ARGV[2] ~= 'remove' then return {0} end
if ARGV[2] == 'unpause' and next_ms ~= ARGV[4] then return {-1} end
allow_when_full(KEYS[2])
if ARGV[2] == 'pause' then
  redis.call('HSET', KEYS[2], 'paused', string.format('%d', now_ms()), 'paused_by', ARGV[3])
elseif ARGV[2] == 'unpause' then
  redis.call('HDEL', KEYS[2], 'paused', 'paused_by')
  redis.call('HSET', KEYS[2], 'next', ARGV[5])
  if ARGV[6] ~= '0' then
    redis.call('HINCRBY', KEYS[2], 'dropped', ARGV[6])
    redis.call('HSET', KEYS[2], 'dropped_at', string.format('%d', now_ms()))
  end
else
  redis.call('DEL', KEYS[2])
  redis.call('SREM', KEYS[1], ARGV[1])
  local noted = redis.call('HGETALL', KEYS[3])
  for at = 1, #noted, 2 do
    if cjson.decode(string.match(noted[at + 1], '|(.*)')).schedule == ARGV[1] then redis.call('HDEL', KEYS[3], noted[at]) end
  end
end
redis.call('XADD', KEYS[4], '*', 'action', ARGV[2] .. '_schedule', 'run', '', 'schedule', ARGV[1], 'workflow', workflow,
  'operator', ARGV[3])
return {1}
