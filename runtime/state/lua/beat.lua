-- A worker's sign of life. It says again what it is: the server may have lost that.
-- KEYS live, workers   ARGV worker, what it says of itself or ''
-- Returns 1 when it was not known.
allow_when_full(KEYS[1])
redis.call('ZADD', KEYS[1], now_ms(), ARGV[1])
if ARGV[2] == '' then return 0 end
return redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
