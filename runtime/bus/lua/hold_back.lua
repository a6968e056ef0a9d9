-- Holds an event back, once: `promote` adds it to its channel when it is due, and books it as owed to the groups of then.
-- KEYS s, n, groups, pub, key, pub of the event before it, lz, le
-- ARGV those of publish.lua, then for how long in ms
-- Returns what publish.lua does; the entry is one of now, for the time that it tells.
local groups, event = redis.call('HLEN', KEYS[3]), ARGV[5]
local known = published_before(KEYS[4], ARGV[3])
if known then return {0, known, groups, event, 0} end
if ARGV[6] ~= '' then
  local before = redis.call('GET', KEYS[5])
  if before then
    local first, entry, digest = string.match(before, '([^|]*)|([^|]*)|(.*)')
    if digest ~= ARGV[6] then return {-2} end
    return {0, entry, groups, first, 0}
  end
end
if ARGV[8] == '1' and redis.call('EXISTS', KEYS[6]) == 0 then return {-3} end
if redis.call('ZCARD', KEYS[7]) >= tonumber(ARGV[2]) then return {-1} end
if ARGV[3] == '0' then allow_when_full(KEYS[1]) end -- as in publish.lua
local now = now_ms()
local entry = now .. '-0'
-- A copy whose mark has expired changes nothing about when the first one is due.
redis.call('ZADD', KEYS[7], 'NX', now + tonumber(ARGV[9]), event)
redis.call('HSETNX', KEYS[8], event, ARGV[1])
mark_published(KEYS[4], entry, ARGV[3])
if ARGV[6] ~= '' then redis.call('SET', KEYS[5], event .. '|' .. entry .. '|' .. ARGV[6], 'PX', ARGV[7]) end
return {1, entry, groups, event, 0}
