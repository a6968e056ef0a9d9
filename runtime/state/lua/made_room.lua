-- Wakes whoever may begin what an agent's limit has kept waiting.
-- KEYS wake, lanes   ARGV agent
if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1 then
  allow_when_full(KEYS[2])
  wake(KEYS[1])
  wake(KEYS[2] .. ':wake:' .. ARGV[1])
end
