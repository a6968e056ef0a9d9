-- Forgets consumers that hold nothing and have been away for long; one that holds something is reclaimed from first,
-- because the server drops the pending entries of a consumer that is deleted.
-- KEYS stream, live   ARGV group, idle_ms   Returns how many went.
local gone = 0
local found = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
for _, info in ipairs(found.err and {} or found) do -- the server may have lost the group
  local fields = {}
  for at = 1, #info, 2 do fields[info[at]] = info[at + 1] end
  if fields['pending'] == 0 and fields['idle'] > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], fields['name'])
    gone = gone + 1
  end
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now_ms() - tonumber(ARGV[2]))
return gone
