-- Drops entries that every group has settled although an older one is still under way: one handler that hangs must not
-- keep a channel full.
-- KEYS s, groups   ARGV first entry to look at, page
-- Returns {dropped, the entry behind the page or ''}.
local rows = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])
if #rows == 0 then return {0, ''} end
local first, last = rows[1][1], rows[#rows][1]
local needed, seen, read_by_all = {}, 0, nil
for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local fields = {}
  for at = 1, #info, 2 do fields[info[at]] = info[at + 1] end
  seen = seen + redis.call('HEXISTS', KEYS[2], fields['name'])
  local read = fields['last-delivered-id']
  if not read_by_all or older(read, read_by_all) then read_by_all = read end
  for _, pending in ipairs(redis.call('XPENDING', KEYS[1], fields['name'], first, last, ARGV[2])) do
    needed[pending[1]] = true
  end
end
if not read_by_all or seen < redis.call('HLEN', KEYS[2]) then return {0, ''} end
local dropped = 0
for _, row in ipairs(rows) do
  if not needed[row[1]] and not older(read_by_all, row[1]) then
    redis.call('XDEL', KEYS[1], row[1])
    dropped = dropped + 1
  end
end
return {dropped, #rows == tonumber(ARGV[2]) and last or ''}
