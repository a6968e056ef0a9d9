-- Lets a failed run go on from where it failed: what is committed stays, what is open and waits for nothing is due.
-- An attempt that is under way since before goes on.
-- KEYS run, st, need, att, tasks, wake, ended, aud, leases, parts   ARGV run id, operator
-- Returns {1, now, life}, {0, status} when the run has not failed, {} when there is none.
local status = redis.call('HGET', KEYS[1], 'status')
if not status then return {} end
if status ~= 'failed' then return {0, status} end
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
due(failed) -- runs of former versions don't list the steps that wait for nothing
local needs = redis.call('HGETALL', KEYS[3])
for at = 1, #needs, 2 do
  if tonumber(needs[at + 1]) <= 0 and needs[at] ~= failed then due(needs[at]) end
end
local before = life(KEYS[1])
local is_confirmed = redis.call('ZREM', KEYS[7], ARGV[1]) == 0 and not redis.call('ZSCORE', KEYS[7], ARGV[1] .. '|' .. before)
if not is_confirmed then -- it is exported still, and must be known until then
  local last = {}
  for _, field in ipairs({'ended_ms', 'resumed_ms', 'error_type', 'error', 'failed_step'}) do
    last[field] = redis.call('HGET', KEYS[1], field) or nil
  end
  redis.call('HSET', KEYS[1], 'end:' .. before, cjson.encode(last))
  redis.call('ZADD', KEYS[7], 'NX', last.ended_ms, ARGV[1] .. '|' .. before)
end
redis.call('HINCRBY', KEYS[1], 'life', 1)
redis.call('HSET', KEYS[1], 'status', 'running', 'resumed_ms', now)
redis.call('HDEL', KEYS[1], 'ended_ms', 'ended_by', 'error_type', 'error', 'failed_step')
redis.call('XADD', KEYS[8], '*', 'action', 'resume', 'run', ARGV[1], 'workflow', workflow, 'operator', ARGV[2], 'step', failed)
return {1, now, before + 1}
