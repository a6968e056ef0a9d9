-- Looks for tasks that are due: in the queue and, where there are any, in lanes. Where the queue has none, the wake-ups
-- that are left have been overtaken by other workers: they go, or whoever waits would wake for each of them.
-- KEYS queue, wake?, lanes?   ARGV limit, skip, agent whose lane is left out*
-- Returns {member, ...}, those that are due the longest first.
local now, limit, skip = now_ms(), tonumber(ARGV[1]), tonumber(ARGV[2])
local lanes = KEYS[3] and redis.call('SMEMBERS', KEYS[3]) or {}
if #lanes == 0 then
  local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', skip, limit)
  if #due == 0 and skip == 0 and KEYS[2] then redis.call('DEL', KEYS[2]) end
  return due
end
local found = {}
local function look(queue)
  local due = redis.call('ZRANGEBYSCORE', queue, '-inf', now, 'WITHSCORES', 'LIMIT', 0, skip + limit)
  for at = 1, #due, 2 do found[#found + 1] = {member = due[at], since = tonumber(due[at + 1])} end
end
look(KEYS[1])
if #found == 0 and KEYS[2] then redis.call('DEL', KEYS[2]) end
local left_out = {}
for at = 3, #ARGV do left_out[ARGV[at]] = true end
for _, agent in ipairs(lanes) do
  if not left_out[agent] then look(KEYS[3] .. ':due:' .. agent) end
end
table.sort(found, function(one, other)
  return one.since < other.since or (one.since == other.since and one.member < other.member)
end)
local due = {}
for at = skip + 1, math.min(skip + limit, #found) do due[#due + 1] = found[at].member end
return due
