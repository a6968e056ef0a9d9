-- Which of several tasks their limits let begin now, all of these together.
-- KEYS leases   ARGV prefix of the app's keys, (member, number of limits, (name, key or '', at once, calls, tokens)*)*
-- Returns the places of these tasks, from 0.
local now, at, place, left, answer = now_ms(), 2, 0, {}, {}
allow_when_full(KEYS[1])
while at <= #ARGV do
  local count = tonumber(ARGV[at + 1])
  local limits = limits_of(ARGV[1] .. 'run:' .. string.match(ARGV[at], '^[^|]*'), at + 2, count)
  local is_free = true
  for _, limit in ipairs(limits) do
    left[limit.name] = left[limit.name] or room(ARGV[1], KEYS[1], limit.name, limit.bounds, now, true)
    is_free = is_free and left[limit.name] > 0
  end
  if is_free then
    answer[#answer + 1] = place
    for _, limit in ipairs(limits) do left[limit.name] = left[limit.name] - 1 end
  end
  at, place = at + 2 + 5 * count, place + 1
end
return answer
