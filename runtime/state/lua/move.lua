-- Gives a run another shape of its workflow. What is committed stays where the step is what it was and all that it waits
-- for stays; what is open goes on where that holds, with its records; all else is done, or done again, from nothing.
-- KEYS run, st, need, att, tasks, suspects, leases, parts, calls, shapes, wake, aud, ended, channel that ends are told on, lanes,
--      waits, undos
-- ARGV run id, workflow, operator, digest, shape, (step, '1' where it is what it was, number of steps it waits for, step*)*
-- Returns {1, steps that stay} when it is done, {2} when the run has that shape, {0, status} when it does not go on and has
-- not failed, {-1, step} while an attempt is under way, {-2, step} within a loop or a fan-out, {-3, step} where a step that is
-- a run of its own would have to be done again, or is gone, {-4, step} where what is to be undone later has no step in the new shape, {}
-- when there is none.
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
-- The step whose place, or whose part of a place, something is.
local function step_of(word)
  return string.match(word, '^[^:|#%[]*')
end
local stays, kept, open, again, needs_of, at = {}, 0, {}, {}, {}, 6
while at <= #ARGV do
  local step, needs = ARGV[at], 0
  for more = 1, tonumber(ARGV[at + 2]) do
    if not stays[ARGV[at + 2 + more]] then needs = needs + 1 end
  end
  local holds = ARGV[at + 1] == '1' and needs == 0
  needs_of[step] = needs
  if holds and redis.call('HEXISTS', KEYS[2], step) == 1 then
    stays[step], kept = true, kept + 1
  else
    open[#open + 1] = step
    again[step] = not holds
  end
  at = at + 3 + tonumber(ARGV[at + 2])
end
local parts = redis.call('HKEYS', KEYS[8])
for _, part in ipairs(parts) do
  local step = step_of(part)
  if string.find(part, ':run$') and (again[step] or not needs_of[step]) then return {-3, step} end
end
for _, step in ipairs(redis.call('ZRANGE', KEYS[17], 0, -1)) do
  if not needs_of[step_of(step)] then return {-4, step_of(step)} end
end
allow_when_full(KEYS[1])
local now = now_ms()
for _, step in ipairs(before) do
  redis.call('ZREM', KEYS[5], prefix .. step)
  redis.call('ZREM', KEYS[6], prefix .. step)
  leave_lane(KEYS[15], nil, prefix .. step)
end
redis.call('DEL', KEYS[3])
for _, step in ipairs(open) do
  redis.call('HDEL', KEYS[4], step .. ':fails', step .. ':first', step .. ':deaths', step .. ':vanished')
  redis.call('HSET', KEYS[3], step, needs_of[step])
  if needs_of[step] == 0 and status == 'running' then
    redis.call('ZADD', KEYS[5], now, prefix .. step)
    wake(KEYS[11])
  end
end
-- What a step that is done again has left behind: of its items and rounds, too.
local function clear(key, names)
  for _, name in ipairs(names) do
    if again[step_of(name)] then redis.call('HDEL', key, name) end
  end
end
for _, step in ipairs(redis.call('HKEYS', KEYS[2])) do
  if not stays[step_of(step)] then redis.call('HDEL', KEYS[2], step) end
end
clear(KEYS[8], parts)
clear(KEYS[9], redis.call('HKEYS', KEYS[9]))
for _, count in ipairs(redis.call('HKEYS', KEYS[4])) do
  local kind = string.match(count, '[#%[].*:(%a+)$')
  if again[step_of(count)] and (kind == 'fails' or kind == 'first' or kind == 'deaths' or kind == 'vanished') then
    redis.call('HDEL', KEYS[4], count)
  end
end
for _, name in ipairs(redis.call('HKEYS', KEYS[16])) do
  local wait = read_wait(KEYS[16], name)
  local step = wait.step and step_of(wait.step)
  if step and (again[step] or not needs_of[step]) then write_wait(KEYS[16], name, {former = wait.id}) end
end
local goes_on = status == 'running'
if goes_on then count_shape(KEYS[1], ARGV[1], -1) end
redis.call('HSETNX', KEYS[10], ARGV[4], ARGV[5])
redis.call('HSET', KEYS[1], 'shape', ARGV[4], 'open', #open)
if goes_on then count_shape(KEYS[1], ARGV[1], 1) end
redis.call('XADD', KEYS[12], '*', 'action', 'move', 'run', ARGV[1], 'workflow', ARGV[2], 'operator', ARGV[3], 'step', '')
if goes_on and #open == 0 then
  end_run({run = KEYS[1], tasks = KEYS[5], leases = KEYS[7], wake = KEYS[11], ended = KEYS[13], over = KEYS[14]}, ARGV[1],
    'ok', 'move', now)
end
return {1, kept}
