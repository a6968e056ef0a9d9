-- Accepts a run and books its first steps.
-- KEYS run, need, tasks, runs, wake   ARGV run id, workflow, number of fields, (field, value)*, (step, needs)*
-- Returns the time of acceptance in ms; the same when the run was accepted before.
local known = redis.call('HGET', KEYS[1], 'accepted_ms')
if known then return tonumber(known) end
local now = now_ms()
redis.call('HSET', KEYS[1], 'status', 'running', 'accepted_ms', now, 'workflow', ARGV[2])
local at = 4
for _ = 1, tonumber(ARGV[3]) do
  redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
  at = at + 2
end
local open = 0
while at < #ARGV do
  open = open + 1
  if ARGV[at + 1] == '0' then
    redis.call('ZADD', KEYS[3], now, ARGV[1] .. '|' .. ARGV[2] .. '|' .. ARGV[at])
    wake(KEYS[5])
  else
    redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
  end
  at = at + 2
end
redis.call('HSET', KEYS[1], 'open', open)
redis.call('ZADD', KEYS[4], now, ARGV[1])
return now
