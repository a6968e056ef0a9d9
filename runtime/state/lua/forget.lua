-- Removes runs that ended before a time, the oldest first; runs that go on, or whose last end is not confirmed, stay.
-- KEYS runs, ended, keyed, undofails   ARGV before ms, page, skip, prefix of a run's keys
-- Returns {looked at, removed}.
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', ARGV[3], ARGV[2])
local removed = 0
for _, id in ipairs(ids) do
  local run = ARGV[4] .. 'run:' .. id
  local fields = redis.call('HMGET', run, 'ended_ms', 'workflow', 'key')
  local is_over = fields[1] and tonumber(fields[1]) < tonumber(ARGV[1])
  if (is_over or redis.call('EXISTS', run) == 0) and not redis.call('ZSCORE', KEYS[2], id)
    and not redis.call('ZSCORE', KEYS[2], id .. '|' .. life(run)) then
    if fields[3] and fields[3] ~= '' then redis.call('HDEL', KEYS[3], fields[2] .. '|' .. fields[3]) end
    for _, kind in ipairs({'run:', 'st:', 'need:', 'att:', 'parts:', 'undos:', 'calls:', 'waits:', 'chunks:', 'kv:'}) do
      redis.call('DEL', ARGV[4] .. kind .. id)
    end
    redis.call('ZREM', KEYS[1], id)
    redis.call('ZREM', KEYS[4], id)
    removed = removed + 1
  end
end
return {#ids, removed}
