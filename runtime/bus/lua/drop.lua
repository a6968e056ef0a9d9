-- Settles an entry of a group that has nothing behind it: a due retry whose delivery is gone because a copy of the
-- event was done, or died, before it (or is another one by now, under way); or an entry whose event something else
-- removed from the stream.
-- KEYS stream, d, n   ARGV group, consumer, entry, is_retry
-- Returns 1 when it was settled.
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) or redis.call('HEXISTS', KEYS[2], 'e') == 1 then return 0 end
settle(KEYS[1], KEYS[3], ARGV[1], ARGV[3], ARGV[4], 'done')
return 1
