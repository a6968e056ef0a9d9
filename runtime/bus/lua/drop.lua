-- Settles a due retry whose delivery is gone: a copy of the event was done, or died, before it.
-- KEYS stream, d, n   ARGV group, consumer, entry
-- Returns 1 when it was settled.
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
settle(KEYS[1], ARGV[1], ARGV[3], '1')
move(KEYS[3], ARGV[1], 'pending', 'done')
return 1
