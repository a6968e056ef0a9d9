-- Has a delivery that waits for later be handed on now.
-- KEYS rz   ARGV delivery
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now_ms(), ARGV[1])
return 1
