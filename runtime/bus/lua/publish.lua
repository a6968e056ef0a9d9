-- Adds an event once and books it as owed to every group. Where no group is yet, it waits for the first one, among the
-- newest that are kept.
-- KEYS s, n, groups, pub, key, pub of the event before it
-- ARGV envelope, cap, mark_ms (0: it comes from an outbox), unclaimed cap, event, digest of the payload
--      ('' without a key), key_ms, 1 when it goes in only behind the one before it
-- Returns {1, entry, groups, event, events so far} when added, {0, entry, groups, event, 0} when known, {-1} when the
-- channel is full, {-2} when the key stands for another payload, {-3} when the one before it is not in the channel.
local groups = redis.call('HKEYS', KEYS[3])
local known = published_before(KEYS[4], ARGV[3])
if known then return {0, known, #groups, ARGV[5], 0} end
if ARGV[6] ~= '' then
  local before = redis.call('GET', KEYS[5])
  if before then
    local event, entry, digest = string.match(before, '([^|]*)|([^|]*)|(.*)')
    if digest ~= ARGV[6] then return {-2} end
    return {0, entry, #groups, event, 0}
  end
end
if ARGV[8] == '1' and redis.call('EXISTS', KEYS[6]) == 0 then return {-3} end
if #groups > 0 and redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[2]) then return {-1} end
if ARGV[3] == '0' then allow_when_full(KEYS[1]) end -- moving it from its outbox needs no more room in the end
local entry = redis.call('XADD', KEYS[1], '*', 'e', ARGV[1], 'b', '1')
mark_published(KEYS[4], entry, ARGV[3])
if ARGV[6] ~= '' then redis.call('SET', KEYS[5], ARGV[5] .. '|' .. entry .. '|' .. ARGV[6], 'PX', ARGV[7]) end
local published = redis.call('HINCRBY', KEYS[2], 'published', 1)
if #groups == 0 then redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[4]) end
for _, group in ipairs(groups) do
  redis.call('HINCRBY', KEYS[2], group .. ':pending', 1)
end
return {1, entry, #groups, ARGV[5], published}
