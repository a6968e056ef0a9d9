-- Lengthens the lease of an attempt that is still going on.
-- KEYS run, att, tasks   ARGV member, step, token, lease_ms, solo
-- Returns 1, or 0 when the lease is lost.
if not owns(KEYS[1], KEYS[2], ARGV[2], ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[3], 'XX', now_ms() + tonumber(ARGV[4]), ARGV[1])
if ARGV[5] ~= '' then redis.call('HSET', KEYS[2], ARGV[2] .. ':solo', ARGV[5]) end
return 1
