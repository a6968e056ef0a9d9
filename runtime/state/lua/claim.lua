-- Gives a due task to a worker, or to a cell, under a lease of its own.
-- KEYS tasks, suspects, leases, run, att, st   ARGV member, step, token, lease_ms, isolated, upstream steps*
-- Returns {} when it is not due (any more) or waits for a cell, else
-- {attempt, fails, deaths, vanished, lost attempt, its start ms, now, first_ms, {field, value, ...} of the run, {result, ...}}
local member, step = ARGV[1], ARGV[2]
local queue = ARGV[5] == '1' and KEYS[2] or KEYS[1]
local score = redis.call('ZSCORE', queue, member)
local now = now_ms()
-- The token is ours already where the client repeats a claim whose answer it lost.
local held_by = redis.call('HGET', KEYS[3], member)
local again = held_by == ARGV[3]
if not score or (tonumber(score) > now and not again) then return {} end
allow_when_full(queue)
if redis.call('HGET', KEYS[4], 'status') ~= 'running' then
  redis.call('ZREM', queue, member)
  redis.call('HDEL', KEYS[3], member)
  return {}
end
if held_by and not again then
  forfeit(KEYS[1], KEYS[2], KEYS[3], KEYS[5], member, step, now)
  if ARGV[5] ~= '1' then return {} end
end
local function count(field)
  return tonumber(redis.call('HGET', KEYS[5], step .. field) or '0')
end
local begun_before = count(':at')
if not again then
  redis.call('HINCRBY', KEYS[5], step .. ':n', 1)
  redis.call('HSETNX', KEYS[5], step .. ':first', now)
  redis.call('HSET', KEYS[5], step .. ':at', now, step .. ':before', begun_before)
  redis.call('HSET', KEYS[3], member, ARGV[3])
end
redis.call('ZADD', queue, now + tonumber(ARGV[4]), member)
local results = {}
for at = 6, #ARGV do results[#results + 1] = redis.call('HGET', KEYS[6], ARGV[at]) or '' end
return {
  count(':n'), count(':fails'), count(':deaths'), count(':vanished'), count(':lost'), count(':before'),
  now, count(':first'), redis.call('HGETALL', KEYS[4]), results
}
