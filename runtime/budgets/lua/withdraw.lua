-- Removes an account that nothing was charged to: what it was opened for was begun before, under another.
-- KEYS account, all, used   ARGV account
if redis.call('HEXISTS', KEYS[1], 'hops') == 1 or redis.call('HEXISTS', KEYS[1], 'micros') == 1 then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return redis.call('DEL', KEYS[1])
