-- Makes a task due now that is due later; one that is under way is left alone.
-- KEYS tasks, leases, wake   ARGV member
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 or not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now_ms(), ARGV[1])
wake(KEYS[3])
return 1
