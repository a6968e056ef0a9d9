-- Has what waits be due sooner; what is leased is under way, and stays as it is.
-- KEYS queue, leases?   ARGV ms
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if not KEYS[2] or redis.call('HEXISTS', KEYS[2], member) == 0 then
    redis.call('ZINCRBY', KEYS[1], -tonumber(ARGV[1]), member)
  end
end
return 0
