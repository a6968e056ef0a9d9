-- Books entries that somebody else wrote into the stream, when a group reads them: nobody has counted them as owed.
-- KEYS n   ARGV group, entries
redis.call('HINCRBY', KEYS[1], ARGV[1] .. ':pending', ARGV[2])
redis.call('HINCRBY', KEYS[1], ARGV[1] .. ':birth', -ARGV[2])
return 1
