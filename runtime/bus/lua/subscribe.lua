-- Registers a group; what was published before its birth is not owed to it. A group that is registered and that the
-- server lost (somebody deleted the stream) is made again at the beginning, where nothing is missed.
-- KEYS s, n, groups, rs   ARGV group, schema
-- Returns 1 when it is new.
local new = redis.call('HEXISTS', KEYS[3], ARGV[1]) == 0
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
if not new then
  redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
  redis.pcall('XGROUP', 'CREATE', KEYS[4], ARGV[1], '0', 'MKSTREAM')
  return 0
end
redis.call('HSETNX', KEYS[2], 'published', 0)
redis.call('HSET', KEYS[2], ARGV[1] .. ':birth', redis.call('HGET', KEYS[2], 'published'))
redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '$', 'MKSTREAM')
redis.call('XGROUP', 'CREATE', KEYS[4], ARGV[1], '0', 'MKSTREAM')
return 1
