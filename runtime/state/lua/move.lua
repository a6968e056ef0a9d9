-- Gives a run another shape of its workflow. What is committed stays where the step is what it was and all that it waits
-- for stays; all else is done, or done again.
-- KEYS run, st, need, att, tasks, suspects, leases, parts, calls, shapes, wake, aud, ended, channel that ends are told on, lanes
-- ARGV run id, workflow, operator, digest, shape, (step, '1' where it is what it was, number of steps it waits for, step*)*
-- Returns {1, steps that stay} when it is done, {2} when the run has that shape, {0, status} when it does not go on and has
-- not failed, {-1, step} while an attempt is under way, {-2, step} within a loop or a fan-out, {} when there is none.
local status = redis.call('HGET', KEYS[1], 'status')
if not status then return {} end
if redis.call('HGET', KEYS[1], 'shape') == ARGV[4] then return {2} end
if status ~= 'running' and status ~= 'failed' then return {0, status} end
if redis.call('HEXISTS', KEYS[1], 'undone') == 1 then return {0, 'undone'} end
local prefix = ARGV[1] .. '|' .. ARGV[2] .. '|'
local before = redis.call('HKEYS', KEYS[3])
for _, step in ipairs(before) do
  if redis.call('HEXISTS', KEYS[7], prefix .. step) == 1 then return {-1, step} end
  if string.find(step, '[#%[]') then return {-2, step} end
end
allow_when_full(KEYS[1])
local now, at = now_ms(), 6
for _, step in ipairs(before) do
  redis.call('ZREM', KEYS[5], prefix .. step)
  redis.call('ZREM', KEYS[6], prefix .. step)
  leave_lane(KEYS[15], nil, prefix .. step)
end
redis.call('DEL', KEYS[3])
local stays, kept, open, again = {}, 0, 0, {}
while at <= #ARGV do
  local step, needs = ARGV[at], 0
  local is_kept = ARGV[at + 1] == '1' and redis.call('HEXISTS', KEYS[2], step) == 1
  for more = 1, tonumber(ARGV[at + 2]) do
    if not stays[ARGV[at + 2 + more]] then is_kept, needs = false, needs + 1 end
  end
  if is_kept then
    stays[step], kept = true, kept + 1
  else
    again[step], open = true, open + 1
    redis.call('HDEL', KEYS[4], step .. ':fails', step .. ':first', step .. ':deaths', step .. ':vanished')
    redis.call('HSET', KEYS[3], step, needs)
    if needs == 0 and status == 'running' then
      redis.call('ZADD', KEYS[5], now, prefix .. step)
      wake(KEYS[11])
    end
  end
  at = at + 3 + tonumber(ARGV[at + 2])
end
for _, step in ipairs(redis.call('HKEYS', KEYS[2])) do
  if not stays[step] then redis.call('HDEL', KEYS[2], step) end
end
for _, call in ipairs(redis.call('HKEYS', KEYS[9])) do
  if again[string.match(call, '^[^|]*')] then redis.call('HDEL', KEYS[9], call) end
end
local goes_on = status == 'running'
if goes_on then count_shape(KEYS[1], ARGV[1], -1) end
redis.call('HSETNX', KEYS[10], ARGV[4], ARGV[5])
redis.call('HSET', KEYS[1], 'shape', ARGV[4], 'open', open)
if goes_on then count_shape(KEYS[1], ARGV[1], 1) end
redis.call('XADD', KEYS[12], '*', 'action', 'move', 'run', ARGV[1], 'workflow', ARGV[2], 'operator', ARGV[3], 'step', '')
if goes_on and open == 0 then
  end_run({run = KEYS[1], tasks = KEYS[5], leases = KEYS[7], wake = KEYS[11], ended = KEYS[13], over = KEYS[14]}, ARGV[1],
    'ok', 'move', now)
end
return {1, kept}
