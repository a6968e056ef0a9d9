-- Notes that the end of a run's life is exported.
-- KEYS run, ended   ARGV run id, life
redis.call('HDEL', KEYS[1], 'end:' .. ARGV[2])
if ARGV[2] == '1' then redis.call('ZREM', KEYS[2], ARGV[1]) end -- as former versions wrote it
return redis.call('ZREM', KEYS[2], ARGV[1] .. '|' .. ARGV[2])
