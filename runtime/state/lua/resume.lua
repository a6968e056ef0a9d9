-- Lets a failed run go on from where it failed: what is committed stays, what is open and waits for nothing is due.
-- An attempt that is under way since before goes on.
-- With a deadline it has as long again as at first.
-- KEYS run, st, need, att, tasks, wake, ended, aud, leases, parts, deadlines   ARGV run id, operator
-- Returns {1, now, life}, {0, status} when the run has not failed, {0, 'undone'} when its steps were undone since, {} when
-- there is none.
local status = redis.call('HGET', KEYS[1], 'status')
if not status then return {} end
if status ~= 'failed' then return {0, status} end
if redis.call('HEXISTS', KEYS[1], 'undone') == 1 then return {0, 'undone'} end
local now = now_ms()
local workflow = redis.call('HGET', KEYS[1], 'workflow')
local failed = redis.call('HGET', KEYS[1], 'failed_step')
local function due(step)
  local member = ARGV[1] .. '|' .. workflow .. '|' .. step
  if redis.call('HEXISTS', KEYS[2], step) == 1 or redis.call('HEXISTS', KEYS[9], member) == 1 then return end
  if tonumber(redis.call('HGET', KEYS[10], step .. ':open') or '0') > 0 then return end -- its items are, instead
  redis.call('HDEL', KEYS[4], step .. ':fails', step .. ':first', step .. ':deaths', step .. ':vanished')
  redis.call('ZADD', KEYS[5], now, member)
  wake(KEYS[6])
end
if failed ~= '' and redis.call('HEXISTS', KEYS[1], 'shape') == 0 then due(failed) end -- former versions don't list what waits for nothing
local needs = redis.call('HGETALL', KEYS[3])
for at = 1, #needs, 2 do
  if tonumber(needs[at + 1]) <= 0 then due(needs[at]) end
end
local number = next_life(KEYS[1], KEYS[7], ARGV[1], now)
redis.call('HSET', KEYS[1], 'status', 'running')
local within = redis.call('HGET', KEYS[1], 'deadline_in')
if within then
  redis.call('HSET', KEYS[1], 'deadline_ms', string.format('%d', now + tonumber(within)))
  redis.call('ZADD', KEYS[11], now + tonumber(within), ARGV[1])
end
redis.call('HDEL', KEYS[1], 'error_type', 'error', 'failed_step')
redis.call('XADD', KEYS[8], '*', 'action', 'resume', 'run', ARGV[1], 'workflow', workflow, 'operator', ARGV[2], 'step', failed)
return {1, now, number}
