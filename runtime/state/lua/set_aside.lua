-- Puts due tasks into the lanes of their agents, for the workers that serve those; those that limits by key hold for, into
-- their turns there. What is under way stays, unless its lease is over: then it waits for a cell.
-- KEYS tasks, suspects, leases, wake, lanes
-- ARGV prefix of the app's keys, (member, step, agent, number of limits by key, (name, key, at once, calls, tokens)*)*
local now, at = now_ms(), 2
allow_when_full(KEYS[1])
local function put(member, step, agent, limits)
  local id = string.match(member, '^[^|]*')
  local run = ARGV[1] .. 'run:' .. id
  local lane = limits > 0 and agent .. '\n' or agent
  local score = redis.call('ZSCORE', KEYS[1], member)
  local is_due = score and tonumber(score) <= now
  if not score then
    local former
    former, score = lane_of(KEYS[5], member)
    if not former or former == lane then return end
    is_due = true -- its agent has another name by now, or other limits
    leave_lane(KEYS[5], former, member)
  end
  if is_due and not goes_on(run, member) then
    redis.call('ZREM', KEYS[1], member)
    redis.call('HDEL', KEYS[3], member)
  elseif is_due and redis.call('HEXISTS', KEYS[3], member) == 1 then
    forfeit(KEYS[1], KEYS[2], KEYS[3], ARGV[1] .. 'att:' .. id, member, step, now)
  elseif is_due then
    redis.call('ZREM', KEYS[1], member)
    redis.call('ZADD', KEYS[5] .. ':due:' .. lane, score, member)
    redis.call('SADD', KEYS[5], lane)
    if limits > 0 then
      local names = {}
      for place, limit in ipairs(limits_of(run, at + 4, limits)) do names[place] = limit.name end
      local turn, turns = table.concat(names, '\n'), KEYS[5] .. ':turns:' .. lane
      redis.call('ZADD', KEYS[5] .. ':turn:' .. lane .. ':' .. turn, score, member)
      redis.call('HSET', KEYS[5] .. ':keys:' .. lane, member, turn)
      if not redis.call('ZSCORE', turns, turn) then go_last(turns, turn) end
    end
    wake(KEYS[5] .. ':wake:' .. agent)
    wake(KEYS[4]) -- there may be workers that do all, too
  end
end
while at <= #ARGV do
  local limits = tonumber(ARGV[at + 3])
  put(ARGV[at], ARGV[at + 1], ARGV[at + 2], limits)
  at = at + 4 + 5 * limits
end
