-- Makes a task due now that is due later, also one that waits for a cell; one that is under way is left alone.
-- KEYS tasks, suspects, leases, wake   ARGV member
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 1 then return 0 end
for _, queue in ipairs({KEYS[1], KEYS[2]}) do
  if redis.call('ZSCORE', queue, ARGV[1]) then
    redis.call('ZADD', queue, now_ms(), ARGV[1])
    wake(KEYS[4])
    return 1
  end
end
return 0
