-- Removes letters of a group that were settled before a time. One whose replay goes on stays; where the group was retired,
-- no replay does.
-- KEYS sz, groups   ARGV group, before ms, page, skip, prefix of the letters' keys
-- Returns {looked at, removed}.
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[2], 'LIMIT', ARGV[4], ARGV[3])
local is_served = redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1
local removed = 0
for _, id in ipairs(ids) do
  local fields = redis.call('HMGET', ARGV[5] .. id, 'settled_ms', 'outcome')
  local is_old = not fields[1] or tonumber(fields[1]) < tonumber(ARGV[2])
  if is_old and not (is_served and fields[2] == 'pending') then
    redis.call('DEL', ARGV[5] .. id)
    redis.call('ZREM', KEYS[1], id)
    removed = removed + 1
  end
end
return {#ids, removed}
