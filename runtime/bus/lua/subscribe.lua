-- Registers a group, or finds it. The first that a channel ever has begins at the earliest event that is kept; a later
-- one where it asks to. What was published before its birth is not owed to it.
-- KEYS s, n, groups, rs, apps, rs of the former name, retired, dz, order, ol, rz, eph, live
-- ARGV group, schema, app, start (earliest, latest, or '' for the default), former default name or '', what it keeps an
--      order by or '', ms of silence after which an ephemeral one is gone or 0, who owns it
-- Returns {name of the group, app that served it before or '', 1 when it is new}.
allow_when_full(KEYS[3])
local group = ARGV[1]
-- A group that was named after its function alone, before names carried the app's, keeps its name and all that it owes.
local former, retries = ARGV[5], KEYS[4]
if former ~= '' and redis.call('HEXISTS', KEYS[3], group) == 0 and redis.call('HEXISTS', KEYS[3], former) == 1 then
  local app = redis.call('HGET', KEYS[5], former)
  if not app or app == ARGV[3] then group, retries = former, KEYS[6] end
end
local before = redis.call('HGET', KEYS[5], group) or ''
local new = redis.call('HSET', KEYS[3], group, ARGV[2])
redis.call('HSET', KEYS[5], group, ARGV[3])
if ARGV[6] == '' then redis.call('HDEL', KEYS[9], group) else redis.call('HSET', KEYS[9], group, ARGV[6]) end
-- What a stream holds that the group has not settled.
local function unsettled(stream)
  local from
  for _, info in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local fields = {}
    for at = 1, #info, 2 do fields[info[at]] = info[at + 1] end
    if fields['name'] == group then from = fields['last-delivered-id'] end
  end
  if from == '0-0' then return redis.call('XLEN', stream) end
  local found = redis.call('XPENDING', stream, group)[1]
  local page
  repeat
    page = redis.call('XRANGE', stream, '(' .. from, '+', 'COUNT', 1000)
    found = found + #page
    if #page > 0 then from = page[#page][1] end
  until #page == 0
  return found
end
-- One that was retired owes again what it left behind for readers.
if new == 1 and redis.call('HDEL', KEYS[7], group) == 1 then
  redis.call('HSET', KEYS[2], group .. ':dead', redis.call('ZCARD', KEYS[8]))
end
-- Groups from before they were counted are counted as they stand.
local is_ephemeral = ARGV[7] ~= '0'
if is_ephemeral then
  redis.call('HSET', KEYS[12], group, ARGV[7])
  redis.call('ZADD', KEYS[13], now_ms(), ARGV[8])
end
local is_first = new == 1 and not is_ephemeral and redis.call('HINCRBY', KEYS[2], 'groups', 1) == 1
  and redis.call('HLEN', KEYS[3]) - redis.call('HLEN', KEYS[12]) == 1
local is_early = new == 0 or ARGV[4] == 'earliest' or (ARGV[4] == '' and is_first)
-- One that is registered and that the server lost (somebody deleted the stream) is made again at the beginning.
local found = redis.pcall('XGROUP', 'CREATE', KEYS[1], group, is_early and '0' or '$', 'MKSTREAM')
local found_retries = redis.pcall('XGROUP', 'CREATE', retries, group, '0', 'MKSTREAM')
if new == 0 and found.err and found_retries.err then return {group, before, 0} end
-- Whose turn it was is lost with the stream of what was due: it is due again, or its key would wait for ever.
if new == 0 and not found_retries.err and redis.call('XLEN', retries) == 0 then
  for _, delivery in ipairs(redis.call('HVALS', KEYS[10])) do
    if not redis.call('ZSCORE', KEYS[11], delivery) then redis.call('XADD', retries, '*', 'd', delivery) end
  end
end
-- It owes what is kept, and no more.
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local owed = unsettled(KEYS[1]) + unsettled(retries)
redis.call('HSETNX', KEYS[2], 'published', 0)
redis.call('HSET', KEYS[2], group .. ':pending', owed, group .. ':counted', last and last[1] or '0-0')
for _, state in ipairs({'done', 'retrying', 'dead', 'discarded', 'expired'}) do
  owed = owed + tonumber(redis.call('HGET', KEYS[2], group .. ':' .. state) or '0')
end
redis.call('HSET', KEYS[2], group .. ':birth', tonumber(redis.call('HGET', KEYS[2], 'published')) - owed)
return {group, before, new}
