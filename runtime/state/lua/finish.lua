-- Ends a run early: a step has failed for good, or somebody cancels. Nothing of it is due any more. What is under way
-- when a run fails keeps its lease: a resume may come before whoever holds it is told.
-- KEYS run, att, tasks, suspects, leases, ended, aud, need, channel that ends are told on
-- ARGV run id, status, member or '', step, token (of the step's attempt, or of the call), error type, error message,
--      operator or ''
-- Returns {1, now, accepted_ms}, {0} when stale or ended before. Asked again: the same.
local accepted = tonumber(redis.call('HGET', KEYS[1], 'accepted_ms') or '0')
local status = redis.call('HGET', KEYS[1], 'status')
if status == ARGV[2] and redis.call('HGET', KEYS[1], 'ended_by') == ARGV[5] then
  return {1, tonumber(redis.call('HGET', KEYS[1], 'ended_ms')), accepted}
end
if status ~= 'running' then return {0} end
if ARGV[3] ~= '' and not owns(KEYS[1], KEYS[5], ARGV[3], ARGV[5]) then return {0} end
allow_when_full(KEYS[1])
local now = now_ms()
if ARGV[3] ~= '' then
  settle(KEYS[2], KEYS[5], ARGV[3], ARGV[4], ARGV[5], 'finish')
  redis.call('ZREM', KEYS[3], ARGV[3])
  redis.call('ZREM', KEYS[4], ARGV[3])
end
local prefix = ARGV[1] .. '|' .. redis.call('HGET', KEYS[1], 'workflow') .. '|'
for _, step in ipairs(redis.call('HKEYS', KEYS[8])) do
  local member = prefix .. step
  if ARGV[2] == 'cancelled' then redis.call('HDEL', KEYS[5], member) end
  if redis.call('HEXISTS', KEYS[5], member) == 0 then
    redis.call('ZREM', KEYS[3], member)
    redis.call('ZREM', KEYS[4], member)
  end
end
redis.call('HSET', KEYS[1], 'status', ARGV[2], 'ended_ms', now, 'ended_by', ARGV[5],
  'error_type', ARGV[6], 'error', ARGV[7], 'failed_step', ARGV[4])
note_end(KEYS[1], KEYS[6], ARGV[1], now)
tell_end(KEYS[9], ARGV[1])
if ARGV[8] ~= '' then
  redis.call('XADD', KEYS[7], '*', 'action', 'cancel', 'run', ARGV[1],
    'workflow', redis.call('HGET', KEYS[1], 'workflow'), 'operator', ARGV[8], 'step', '')
end
return {1, now, accepted}
