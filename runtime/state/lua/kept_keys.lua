-- Lists what is kept of a run: names, and bytes of their values, which stay where they are.
-- KEYS st, kv   ARGV names of each at most
-- Returns {{name, bytes, ...}, {name, bytes, ...}}
local answer = {}
for at, key in ipairs(KEYS) do
  local names, listed = redis.call('HKEYS', key), {}
  table.sort(names)
  for place = 1, math.min(#names, tonumber(ARGV[1])) do
    listed[#listed + 1] = names[place]
    listed[#listed + 1] = redis.call('HSTRLEN', key, names[place])
  end
  answer[at] = listed
end
return answer
