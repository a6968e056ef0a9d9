-- Gives a due task to a worker under a lease of its own.
-- KEYS tasks, run, att, st   ARGV member, step, token, lease_ms, upstream steps*
-- Returns {} when it is not due (any more), else
-- {attempt, fails, deaths, died, now, first_ms, {field, value, ...} of the run, {result, ...}}
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
local now = now_ms()
-- The token is ours already where the client repeats a claim whose answer it lost.
local again = redis.call('HGET', KEYS[3], ARGV[2] .. ':token') == ARGV[3]
if not score or (tonumber(score) > now and not again) then return {} end
if redis.call('HGET', KEYS[2], 'status') ~= 'running' then
  redis.call('ZREM', KEYS[1], ARGV[1])
  return {}
end
local step = ARGV[2]
local died = 0
if not again and redis.call('HEXISTS', KEYS[3], step .. ':token') == 1 then
  died = 1
  -- Only a death of an attempt that ran alone in its process counts: nothing else can have killed the worker.
  if redis.call('HGET', KEYS[3], step .. ':solo') == '1' then redis.call('HINCRBY', KEYS[3], step .. ':deaths', 1) end
end
local attempt = redis.call('HINCRBY', KEYS[3], step .. ':n', again and 0 or 1)
redis.call('HSETNX', KEYS[3], step .. ':first', now)
redis.call('HSET', KEYS[3], step .. ':token', ARGV[3], step .. ':solo', '0')
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[4]), ARGV[1])
local results = {}
for at = 5, #ARGV do results[#results + 1] = redis.call('HGET', KEYS[4], ARGV[at]) or '' end
return {
  attempt,
  tonumber(redis.call('HGET', KEYS[3], step .. ':fails') or '0'),
  tonumber(redis.call('HGET', KEYS[3], step .. ':deaths') or '0'),
  died, now, tonumber(redis.call('HGET', KEYS[3], step .. ':first')),
  redis.call('HGETALL', KEYS[2]), results
}
