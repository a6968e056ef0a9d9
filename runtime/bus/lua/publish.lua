-- Adds an event once and books it as owed to every group.
-- KEYS s, n, groups, pub   ARGV envelope, cap, may_exceed, mark_ms (0: until told otherwise)
-- Returns {1, entry} when added, {0, entry} when known, {-1, ''} when the channel is full.
local known = redis.call('GET', KEYS[4])
if known then return {0, known} end
if ARGV[3] == '0' and redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[2]) then return {-1, ''} end
local entry = redis.call('XADD', KEYS[1], '*', 'e', ARGV[1], 'b', '1')
if ARGV[4] == '0' then
  redis.call('SET', KEYS[4], entry)
else
  redis.call('SET', KEYS[4], entry, 'PX', ARGV[4])
end
redis.call('HINCRBY', KEYS[2], 'published', 1)
local groups = redis.call('HKEYS', KEYS[3])
-- Owed to nobody, now or later: a group owes nothing that is older than its birth.
if #groups == 0 then redis.call('XTRIM', KEYS[1], 'MAXLEN', 0) end
for _, group in ipairs(groups) do
  redis.call('HINCRBY', KEYS[2], group .. ':pending', 1)
end
return {1, entry}
