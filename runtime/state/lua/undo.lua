-- Undoes the steps of a run: one that goes on is cancelled by that; of one that has ended, those are undone that are done
-- still, or whose undo has failed.
-- KEYS run, ended, aud, need, channel that ends are told on, parts, undos, tasks, wake, leases,
--      undofails   ARGV run id, operator
-- Returns {1} when steps are being undone now, {2} when none is left to undo, {0} when the run goes on, {} when there is none.
local status = redis.call('HGET', KEYS[1], 'status')
if not status then return {} end
if status == 'running' then return {0} end
if status == 'undoing' then return {1} end
for step in string.gmatch(redis.call('HGET', KEYS[1], 'undo_failed') or '', '[^,]+') do
  redis.call('ZADD', KEYS[7], 'NX', redis.call('HINCRBY', KEYS[1], 'undo_order', 1), step)
end
if redis.call('ZCARD', KEYS[7]) == 0 then return {2} end
local now = now_ms()
next_life(KEYS[1], KEYS[2], ARGV[1], now)
redis.call('HDEL', KEYS[1], 'undo_failed')
redis.call('ZREM', KEYS[11], ARGV[1])
redis.call('HSET', KEYS[1], 'status', 'undoing', 'ending', status == 'failed' and 'failed' or 'cancelled', 'undone', 1)
redis.call('XADD', KEYS[3], '*', 'action', 'undo', 'run', ARGV[1],
  'workflow', redis.call('HGET', KEYS[1], 'workflow'), 'operator', ARGV[2], 'step', '')
undo_next({run = KEYS[1], ended = KEYS[2], need = KEYS[4], over = KEYS[5], parts = KEYS[6], undos = KEYS[7],
  tasks = KEYS[8], wake = KEYS[9], leases = KEYS[10]}, ARGV[1], '', now)
return {1}
