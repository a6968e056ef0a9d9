-- Puts due tasks into the lanes of their agents, for the workers that serve those. What is under way stays, unless its lease
-- is over: then it waits for a cell.
-- KEYS tasks, suspects, leases, wake, lanes   ARGV prefix of the app's keys, (member, step, agent)*
local now = now_ms()
allow_when_full(KEYS[1])
for at = 2, #ARGV, 3 do
  local member, step, agent = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local id = string.match(member, '^[^|]*')
  local score = redis.call('ZSCORE', KEYS[1], member)
  local is_due = score and tonumber(score) <= now
  if not score then
    local former
    former, score = lane_of(KEYS[5], member) -- its agent has another name by now
    is_due = former
    if former then leave_lane(KEYS[5], former, member) end
  end
  if is_due and not goes_on(ARGV[1] .. 'run:' .. id, member) then
    redis.call('ZREM', KEYS[1], member)
    redis.call('HDEL', KEYS[3], member)
  elseif is_due and redis.call('HEXISTS', KEYS[3], member) == 1 then
    forfeit(KEYS[1], KEYS[2], KEYS[3], ARGV[1] .. 'att:' .. id, member, step, now)
  elseif is_due then
    redis.call('ZREM', KEYS[1], member)
    redis.call('ZADD', KEYS[5] .. ':due:' .. agent, score, member)
    redis.call('SADD', KEYS[5], agent)
    wake(KEYS[5] .. ':wake:' .. agent)
    wake(KEYS[4]) -- there may be workers that do all, too
  end
end
