-- Accepts a run and books its first steps.
-- KEYS run, need, tasks, runs, wake, keyed, shapes, shaped, deadlines
-- ARGV run id, workflow, key or '', digest of the inputs, shape's digest or '', shape, deadline (ms, or '+' and ms from now,
--      or ''), number of fields, (field, value)*, (step, needs)*
-- Returns {time of acceptance in ms, run id}: those of the run that was accepted before, for this id or this key; {-1}
-- when the key stands for other inputs, {-2, now} when the deadline has passed.
local known = redis.call('HGET', KEYS[1], 'accepted_ms')
if known then return {tonumber(known), ARGV[1]} end
if ARGV[3] ~= '' then
  local before = redis.call('HGET', KEYS[6], ARGV[2] .. '|' .. ARGV[3])
  if before then
    local run, accepted, digest = string.match(before, '([^|]*)|([^|]*)|(.*)')
    if digest ~= ARGV[4] then return {-1} end
    return {tonumber(accepted), run}
  end
end
local now = now_ms()
if ARGV[7] ~= '' then
  local deadline = tonumber(ARGV[7]) + (string.sub(ARGV[7], 1, 1) == '+' and now or 0)
  if deadline <= now then return {-2, now} end
  redis.call('HSET', KEYS[1], 'deadline_ms', string.format('%d', deadline), 'deadline_in', string.format('%d', deadline - now))
  redis.call('ZADD', KEYS[9], deadline, ARGV[1])
end
redis.call('HSET', KEYS[1], 'status', 'running', 'accepted_ms', now, 'workflow', ARGV[2], 'key', ARGV[3])
if ARGV[3] ~= '' then
  redis.call('HSET', KEYS[6], ARGV[2] .. '|' .. ARGV[3], ARGV[1] .. '|' .. now .. '|' .. ARGV[4])
end
if ARGV[5] ~= '' then
  redis.call('HSETNX', KEYS[7], ARGV[5], ARGV[6])
  redis.call('HSET', KEYS[1], 'shape', ARGV[5])
  redis.call('HINCRBY', KEYS[8], ARGV[2] .. '|' .. ARGV[5], 1)
end
local at = 9
for _ = 1, tonumber(ARGV[8]) do
  redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
  at = at + 2
end
local open = 0
while at < #ARGV do
  open = open + 1
  redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
  if ARGV[at + 1] == '0' then
    redis.call('ZADD', KEYS[3], now, ARGV[1] .. '|' .. ARGV[2] .. '|' .. ARGV[at])
    wake(KEYS[5])
  end
  at = at + 2
end
redis.call('HSET', KEYS[1], 'open', open)
redis.call('ZADD', KEYS[4], now, ARGV[1])
return {now, ARGV[1]}
