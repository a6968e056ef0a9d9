-- Commits a step's result exactly once, with the events that it published, and books what follows.
-- KEYS run, st, need, att, tasks, suspects, leases, out, wake, ended, kv, shared
-- ARGV run id, workflow, step, token, result, outbox cap, successors, events, writes, shared writes,
--      successor*, (envelope, parent, agent)*, (key, value)*, (key, value)*
-- Returns {1, run ended, now, accepted_ms, outbox entry*}, {0} when stale, {-1} when the outbox has no room. Asked
-- again: {1, ...} without entries.
local step = ARGV[3]
local prefix = ARGV[1] .. '|' .. ARGV[2] .. '|'
local accepted = tonumber(redis.call('HGET', KEYS[1], 'accepted_ms') or '0')
if not owns(KEYS[1], KEYS[7], prefix .. step, ARGV[4]) then
  if not was_settled(KEYS[4], step, ARGV[4], 'commit') then return {0} end
  local is_mine = redis.call('HGET', KEYS[1], 'ended_by') == ARGV[4]
  return {1, is_mine and 1 or 0, is_mine and tonumber(redis.call('HGET', KEYS[1], 'ended_ms')) or now_ms(), accepted}
end
local events = tonumber(ARGV[8])
if not has_room(KEYS[8], events, ARGV[6]) then return {-1} end
local now = now_ms()
settle(KEYS[4], KEYS[7], prefix .. step, step, ARGV[4], 'commit')
redis.call('ZREM', KEYS[5], prefix .. step)
redis.call('ZREM', KEYS[6], prefix .. step)
redis.call('HSET', KEYS[2], step, ARGV[5])
local at = 11
for _ = 1, tonumber(ARGV[7]) do
  if redis.call('HINCRBY', KEYS[3], ARGV[at], -1) == 0 then
    redis.call('ZADD', KEYS[5], now, prefix .. ARGV[at])
    wake(KEYS[9])
  end
  at = at + 1
end
local answer = {1, 0, now, accepted}
at = emit(KEYS[8], at, events, answer)
at = write_state(KEYS[11], at, tonumber(ARGV[9]))
write_state(KEYS[12], at, tonumber(ARGV[10]))
if redis.call('HINCRBY', KEYS[1], 'open', -1) == 0 then
  redis.call('HSET', KEYS[1], 'status', 'ok', 'ended_ms', now, 'ended_by', ARGV[4])
  note_end(KEYS[1], KEYS[10], ARGV[1], now)
  answer[2] = 1
end
return answer
