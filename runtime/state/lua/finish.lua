-- Ends a run early: a step has failed for good, or somebody cancels.
-- KEYS run, att, tasks, ended   ARGV run id, status, member or '', step, token, error type, error message
-- Returns {0} when stale or ended before, else {1, now, accepted_ms}.
if redis.call('HGET', KEYS[1], 'status') ~= 'running' then return {0} end
if ARGV[3] ~= '' and not owns(KEYS[1], KEYS[2], ARGV[4], ARGV[5]) then return {0} end
local now = now_ms()
if ARGV[3] ~= '' then
  redis.call('ZREM', KEYS[3], ARGV[3])
  redis.call('HDEL', KEYS[2], ARGV[4] .. ':token', ARGV[4] .. ':solo')
end
redis.call('HSET', KEYS[1], 'status', ARGV[2], 'ended_ms', now, 'error_type', ARGV[6], 'error', ARGV[7], 'failed_step', ARGV[4])
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('ZADD', KEYS[4], now, ARGV[1])
return {1, now, tonumber(redis.call('HGET', KEYS[1], 'accepted_ms'))}
