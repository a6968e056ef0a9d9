-- Which tasks of agents may begin next, in turn: one of each turn that no limit keeps waiting, then a second of each, and so
-- on, where there are no more others. Turns are taken in the order in which they last began something.
-- KEYS leases, lanes   ARGV prefix of the app's keys, tasks at most of each agent, turns looked at in one go, goes at most,
--      number of limits, (name, at once, calls, tokens a minute)*, agent*
-- Returns {{member, ...}, ...}, one for each agent.
local now, wanted, page, goes = now_ms(), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
allow_when_full(KEYS[1])
local bounds, rooms, at = {}, {}, 6
for _ = 1, tonumber(ARGV[5]) do
  bounds[ARGV[at]] = {ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]}
  at = at + 4
end
-- How many more one limit lets begin; one that this version of the app does not know bounds nothing.
local function room_of(limit, name)
  if not bounds[limit] then return math.huge end
  if not rooms[name] then rooms[name] = room(ARGV[1], KEYS[1], name, bounds[limit], now, true) end
  return rooms[name]
end
local function look(lane, agent, turns)
  local found, left, queues = {}, {[agent] = room_of(agent, agent)}, {}
  for place, turn in ipairs(turns) do
    local names = {agent}
    for limit, value in string.gmatch(turn .. '\n', '([^\n]*)\n([^\n]*)\n') do
      local name = limit .. '\n' .. value
      names[#names + 1], left[name] = name, left[name] or room_of(limit, name)
    end
    queues[place] = {names = names, taken = 0}
  end
  repeat
    local before = #found
    for place, queue in ipairs(queues) do
      if #found == wanted then return found end
      local free = math.huge
      for _, name in ipairs(queue.names) do free = math.min(free, left[name]) end
      if free > 0 then
        queue.due = queue.due
          or redis.call('ZRANGE', KEYS[2] .. ':turn:' .. lane .. ':' .. turns[place], 0, wanted - 1)
        queue.taken = queue.taken + 1
        local member = queue.due[queue.taken]
        if member then
          found[#found + 1] = member
          for _, name in ipairs(queue.names) do left[name] = left[name] - 1 end
        end
      end
    end
  until #found == before
  return found
end
local answer = {}
for place = at, #ARGV do
  local lane, found = ARGV[place] .. '\n', {}
  local order = KEYS[2] .. ':turns:' .. lane
  for _ = 1, goes do
    local turns = redis.call('ZRANGE', order, 0, page - 1)
    found = look(lane, ARGV[place], turns)
    if #found > 0 or #turns < page then break end
    for _, turn in ipairs(turns) do go_last(order, turn) end -- others may have room: so many are not looked at each time
  end
  answer[#answer + 1] = found
end
return answer
