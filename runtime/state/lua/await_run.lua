-- Waits for the end of another run. As long as that goes on the attempt is over: it leaves its lease and its place in the
-- queue, and the step is due again when the run ends.
-- KEYS run, att, tasks, suspects, leases, parts, run that is waited for   ARGV member, step, token, id of that run
-- Returns {1, status} when it has ended, {2} when the step waits now, {0} when stale. Asked again: the same.
if not owns(KEYS[1], KEYS[5], ARGV[1], ARGV[3]) then
  return was_settled(KEYS[2], ARGV[2], ARGV[3], 'await_run') and {2} or {0}
end
allow_when_full(KEYS[6])
local status = redis.call('HGET', KEYS[7], 'status') or ''
if status ~= 'running' and status ~= 'undoing' then return {1, status} end
redis.call('HSET', KEYS[6], ARGV[2] .. ':run', ARGV[4])
redis.call('HSET', KEYS[7], 'waiter', ARGV[1])
settle(KEYS[2], KEYS[5], ARGV[1], ARGV[2], ARGV[3], 'await_run')
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
return {2}
