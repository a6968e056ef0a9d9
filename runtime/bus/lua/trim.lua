-- Drops what every group has settled, and never more.
-- KEYS s, groups   ARGV unclaimed cap   Returns how many entries went.
local low = nil
-- Where no group is, the newest events wait for the first.
if redis.call('HLEN', KEYS[2]) == 0 then return redis.call('XTRIM', KEYS[1], 'MAXLEN', ARGV[1]) end
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
