-- Leaves an undo that has failed for good to a person, and goes on with the next.
-- KEYS run, att, tasks, suspects, leases, ended, need, channel that ends are told on, parts, undos, wake, undofails
-- ARGV run id, member, step, token, error
-- Returns {1, 1 when the run has ended now, now, accepted_ms}, {0} when stale. Asked again: the same.
local accepted = tonumber(redis.call('HGET', KEYS[1], 'accepted_ms') or '0')
local now = now_ms()
if not owns(KEYS[1], KEYS[5], ARGV[2], ARGV[4]) then
  if not was_settled(KEYS[2], ARGV[3], ARGV[4], 'undo_failed') then return {0} end
  local is_mine = redis.call('HGET', KEYS[1], 'ended_by') == ARGV[4]
  return {1, is_mine and 1 or 0, is_mine and tonumber(redis.call('HGET', KEYS[1], 'ended_ms')) or now, accepted}
end
allow_when_full(KEYS[1])
settle(KEYS[2], KEYS[5], ARGV[2], ARGV[3], ARGV[4], 'undo_failed')
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('ZREM', KEYS[4], ARGV[2])
redis.call('HDEL', KEYS[7], ARGV[3])
local step = string.sub(ARGV[3], 2)
redis.call('ZREM', KEYS[10], step)
local failed = redis.call('HGET', KEYS[1], 'undo_failed')
redis.call('HSET', KEYS[1], 'undo_failed', failed and failed .. ',' .. step or step, 'undo_error', ARGV[5])
redis.call('ZADD', KEYS[12], 'NX', now, ARGV[1])
local is_over = undo_next({run = KEYS[1], ended = KEYS[6], need = KEYS[7], over = KEYS[8], parts = KEYS[9],
  undos = KEYS[10], tasks = KEYS[3], wake = KEYS[11], leases = KEYS[5]}, ARGV[1], ARGV[4], now)
return {1, is_over and 1 or 0, now, accepted}
