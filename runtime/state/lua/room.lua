-- How many more attempts limits let begin now, and which tasks are in their lanes, the oldest first.
-- KEYS leases, lanes   ARGV prefix of the app's keys, tasks at most of each, (agent, at once, calls, tokens a minute)*
-- Returns {{room or -1 for any, member, ...}, ...}, one for each agent.
local now, answer = now_ms(), {}
allow_when_full(KEYS[1])
for at = 3, #ARGV, 4 do
  local agent = ARGV[at]
  local free = room(ARGV[1], KEYS[1], agent, {ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]}, now, true)
  local found = {}
  if free > 0 then
    found = redis.call('ZRANGEBYSCORE', KEYS[2] .. ':due:' .. agent, '-inf', now, 'LIMIT', 0, ARGV[2])
  end
  table.insert(found, 1, free == math.huge and -1 or free)
  answer[#answer + 1] = found
end
return answer
