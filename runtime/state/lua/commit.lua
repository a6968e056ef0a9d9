-- Commits a step's result exactly once, with the events that it published, and books what follows.
-- KEYS run, st, need, att, tasks, out, wake, ended, kv
-- ARGV run id, workflow, step, token, result, successors, events, writes, successor*, (envelope, parent, agent)*, (key, value)*
-- Returns {0} when stale, else {1, run ended, now, accepted_ms, outbox entry*}.
local step = ARGV[3]
if not owns(KEYS[1], KEYS[4], step, ARGV[4]) or redis.call('HSETNX', KEYS[2], step, ARGV[5]) == 0 then return {0} end
local now = now_ms()
local prefix = ARGV[1] .. '|' .. ARGV[2] .. '|'
redis.call('ZREM', KEYS[5], prefix .. step)
redis.call('HDEL', KEYS[4], step .. ':token', step .. ':solo')
local at = 9
for _ = 1, tonumber(ARGV[6]) do
  if redis.call('HINCRBY', KEYS[3], ARGV[at], -1) == 0 then
    redis.call('ZADD', KEYS[5], now, prefix .. ARGV[at])
    wake(KEYS[7])
  end
  at = at + 1
end
local answer = {1, 0, now, tonumber(redis.call('HGET', KEYS[1], 'accepted_ms'))}
for _ = 1, tonumber(ARGV[7]) do
  answer[#answer + 1] = redis.call('XADD', KEYS[6], '*', 'e', ARGV[at], 'p', ARGV[at + 1], 'a', ARGV[at + 2])
  at = at + 3
end
for _ = 1, tonumber(ARGV[8]) do
  redis.call('HSET', KEYS[9], ARGV[at], ARGV[at + 1])
  at = at + 2
end
if redis.call('HINCRBY', KEYS[1], 'open', -1) == 0 then
  redis.call('HSET', KEYS[1], 'status', 'ok', 'ended_ms', now)
  redis.call('HINCRBY', KEYS[1], 'epoch', 1)
  redis.call('ZADD', KEYS[8], now, ARGV[1])
  answer[2] = 1
end
return answer
