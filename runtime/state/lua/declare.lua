-- Declares a schedule as its code has it. What it is due next stays, unless its rule is another one.
-- KEYS schedules, schedule   ARGV name, rule, workflow, what becomes of missed ticks, overlap, next tick by that rule
-- Returns {0} when the rule is the same, {1} when the schedule is new, {2, former rule, former next tick} when it is another.
local former = redis.call('HMGET', KEYS[2], 'spec', 'next')
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], 'workflow', ARGV[3], 'missed', ARGV[4], 'overlap', ARGV[5])
if former[1] == ARGV[2] then return {0} end
redis.call('HSET', KEYS[2], 'spec', ARGV[2], 'next', ARGV[6])
if not former[1] then return {1} end
if tonumber(former[2]) <= now_ms() then redis.call('HINCRBY', KEYS[2], 'dropped', 1) end
return {2, former[1], tonumber(former[2])}
