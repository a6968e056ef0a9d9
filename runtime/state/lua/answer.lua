-- Answers what a step of a run waits for, or will wait for: an answer that comes first is kept for it.
-- KEYS run, waits, tasks, wake, aud, leases   ARGV run id, wait, value, who answers, operator or '', id of this answer,
-- node whose code sends it or '', by which way an operator has given it or ''
-- Returns {1} when it is taken, {2, by, ms} when it was answered before, {3, ms} when its time was up, {0, status} when the
-- run has ended, {} when there is none. Asked again with the same id: {1}.
local status = redis.call('HGET', KEYS[1], 'status')
if not status then return {} end
local wait = read_wait(KEYS[2], ARGV[2])
if wait.id == ARGV[6] or wait.former == ARGV[6] then return {1} end
if status ~= 'running' then return {0, status} end
local now = now_ms()
if wait.at then return {2, wait.by, tonumber(wait.at)} end
local over = wait.over or (wait.ends and tonumber(wait.ends) <= now and wait.ends)
if over then return {3, tonumber(over)} end
allow_when_full(KEYS[2])
wait.value, wait.by, wait.at, wait.id = ARGV[3], ARGV[4], string.format('%d', now), ARGV[6]
wait.node = ARGV[7] ~= '' and ARGV[7] or nil
write_wait(KEYS[2], ARGV[2], wait)
local workflow = redis.call('HGET', KEYS[1], 'workflow')
local member = wait.step and ARGV[1] .. '|' .. workflow .. '|' .. wait.step
if member and redis.call('HEXISTS', KEYS[6], member) == 0 then -- an attempt that is under way comes to it by itself
  redis.call('ZADD', KEYS[3], now, member)
  wake(KEYS[4])
end
if ARGV[5] ~= '' then
  redis.call('XADD', KEYS[5], '*', 'action', 'answer', 'run', ARGV[1], 'workflow', workflow, 'operator', ARGV[5],
    'step', wait.step or '', 'wait', ARGV[2], 'way', ARGV[8])
end
return {1}
