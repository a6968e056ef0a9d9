-- Takes an attempt from a worker that is gone.
-- KEYS tasks, suspects, leases, att   ARGV member, step, token, blame field or ''
-- Returns 1 when it was taken, 0 when that attempt has ended.
if redis.call('HGET', KEYS[3], ARGV[1]) ~= ARGV[3] then return 0 end
allow_when_full(KEYS[1])
forfeit(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], ARGV[2], now_ms())
if ARGV[4] ~= '' then redis.call('HINCRBY', KEYS[4], ARGV[2] .. ':' .. ARGV[4], 1) end
return 1
