-- Notes a step with its successor.
-- KEYS h   ARGV channel, group, version
redis.call('HSET', KEYS[1], 'channel', ARGV[1], 'group', ARGV[2], 'version', ARGV[3])
redis.call('HSETNX', KEYS[1], 'began:' .. ARGV[3], int(now_ms()))
return 1
