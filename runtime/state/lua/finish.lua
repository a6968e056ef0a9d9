-- Ends a run early: a step has failed for good, its deadline has passed, or somebody cancels. Nothing of it is due any more.
-- What is under way when a step fails keeps its lease: a resume may come before whoever holds it is told. Where steps have an undo the run
-- ends when they are undone; who holds one of its leases is told, and commits nothing.
-- KEYS run, att, tasks, suspects, leases, ended, aud, need, channel that ends are told on, parts, undos, wake
-- ARGV run id, status, member or '', step, token (of the step's attempt, or of the call), error type, error message,
--      operator or '', prefix of the app's keys, 'deadline' when that is why
-- Returns {1, now or 0 while steps are undone, accepted_ms}, {0} when stale or ended before. Asked again: the same.
local accepted = tonumber(redis.call('HGET', KEYS[1], 'accepted_ms') or '0')
local status = redis.call('HGET', KEYS[1], 'status')
if redis.call('HGET', KEYS[1], 'finished_by') == ARGV[5] then
  return {1, tonumber(redis.call('HGET', KEYS[1], 'ended_ms') or '0'), accepted}
end
local is_late = ARGV[10] == 'deadline'
if is_late then
  local deadline = redis.call('ZSCORE', ARGV[9] .. 'deadlines', ARGV[1])
  if status == 'running' and (not deadline or tonumber(deadline) > now_ms()) then return {0} end -- it was resumed since
  redis.call('ZREM', ARGV[9] .. 'deadlines', ARGV[1])
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
local function keys_of(id)
  local of = function(kind) return ARGV[9] .. kind .. ':' .. id end
  return {run = of('run'), need = of('need'), parts = of('parts'), undos = of('undos'), tasks = KEYS[3], leases = KEYS[5],
    ended = KEYS[6], over = KEYS[9], wake = KEYS[12]}
end
local cut = {} -- steps of the run whose attempts are cut off
local function clear(keys, id, takes_leases)
  local prefix = id .. '|' .. redis.call('HGET', keys.run, 'workflow') .. '|'
  for _, step in ipairs(redis.call('HKEYS', keys.need)) do
    local member = prefix .. step
    local was_under_way = takes_leases and redis.call('HDEL', KEYS[5], member) == 1
    if was_under_way and id == ARGV[1] then cut[#cut + 1] = step end
    if was_under_way and redis.call('ZSCORE', keys.undos, step) then
      local score = redis.call('ZSCORE', KEYS[3], member) or redis.call('ZSCORE', KEYS[4], member) or now
      redis.call('HSET', keys.parts, '~' .. step .. ':after', string.format('%d', tonumber(score)))
    end
    if redis.call('HEXISTS', KEYS[5], member) == 0 then
      redis.call('ZREM', KEYS[3], member)
      redis.call('ZREM', KEYS[4], member)
      leave_lane(ARGV[9] .. 'lanes', nil, member)
    end
  end
end
-- Ends a run and those that its steps wait for, cancelled where it is cancelled, late or undone, and else failed, so that they
-- go on when it is resumed; returns when it ended, 0 if it is undone.
local function finish(id, how, error_type, error, step) -- recursive: workflows within workflows
  local keys = keys_of(id)
  local has_undos = redis.call('ZCARD', keys.undos) > 0
  clear(keys, id, how == 'cancelled' or has_undos or is_late)
  if is_late and id == ARGV[1] and #cut > 0 then
    table.sort(cut)
    step, error = cut[1], error .. '; cut off: ' .. table.concat(cut, ', ')
  end
  redis.call('HSET', keys.run, 'status', has_undos and 'undoing' or how, 'error_type', error_type, 'error', error, 'failed_step', step, 'finished_by', ARGV[5])
  local may_resume = how == 'failed' and not has_undos and not is_late
  local parts = redis.call('HGETALL', keys.parts)
  for at = 1, #parts, 2 do
    local waiting = string.match(parts[at], '^(.*):run$')
    if waiting and not redis.call('ZSCORE', keys.undos, waiting) -- else its undo ends what it waits for
      and redis.call('HGET', keys_of(parts[at + 1]).run, 'status') == 'running' then
      if may_resume then
        finish(parts[at + 1], 'failed', 'RunFailedError', 'run ' .. id .. ', which waits for it, has failed', '')
      else
        finish(parts[at + 1], 'cancelled', '', '', '')
      end
    end
  end
  if not has_undos then
    end_run(keys, id, how, ARGV[5], now)
    return now
  end
  redis.call('HSET', keys.run, 'ending', how, 'undone', 1)
  withdraw_waits(keys.run, id)
  undo_next(keys, id, ARGV[5], now)
  return 0
end
local ended = finish(ARGV[1], ARGV[2], ARGV[6], ARGV[7], ARGV[4])
if ARGV[8] ~= '' then
  redis.call('XADD', KEYS[7], '*', 'action', 'cancel', 'run', ARGV[1],
    'workflow', redis.call('HGET', KEYS[1], 'workflow'), 'operator', ARGV[8], 'step', '')
end
return {1, ended, accepted}
