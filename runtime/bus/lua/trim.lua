-- Drops what every group has settled, and never more.
-- KEYS s, groups   Returns how many entries went.
local low = nil
local function older(a, b)
  local a_ms, a_n = string.match(a, '(%d+)-(%d+)')
  local b_ms, b_n = string.match(b, '(%d+)-(%d+)')
  a_ms, b_ms = tonumber(a_ms), tonumber(b_ms)
  if a_ms ~= b_ms then return a_ms < b_ms end
  return tonumber(a_n) < tonumber(b_n)
end
-- A group owes nothing that is older than its birth: where there is none, nothing is needed.
if redis.call('HLEN', KEYS[2]) == 0 then return redis.call('XTRIM', KEYS[1], 'MAXLEN', 0) end
local seen = 0
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local fields = {}
  for at = 1, #info, 2 do fields[info[at]] = info[at + 1] end
  seen = seen + redis.call('HEXISTS', KEYS[2], fields['name'])
  local need = fields['last-delivered-id']
  local first = redis.call('XPENDING', KEYS[1], fields['name'])[2]
  if first then
    need = first
  else
    local ms, n = string.match(need, '(%d+)-(%d+)')
    need = ms .. '-' .. (tonumber(n) + 1)
  end
  if not low or older(need, low) then low = need end
end
-- A registered group that the server does not know has lost its place: keep everything until somebody looks.
if not low or seen < redis.call('HLEN', KEYS[2]) then return 0 end
return redis.call('XTRIM', KEYS[1], 'MINID', low)
