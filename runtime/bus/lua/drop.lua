-- Settles an entry of a group that has nothing behind it: a due retry whose delivery is gone because a copy of the
-- event was done, or died, before it (or is another one by now, under way); or an entry whose event something else
-- removed from the stream.
-- KEYS stream, d, n   ARGV group, consumer, entry, is_retry
-- Returns 1 when it was settled.
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) or redis.call('HEXISTS', KEYS[2], 'e') == 1 then return 0 end
settle(KEYS[1], KEYS[3], ARGV[1], ARGV[3], ARGV[4], 'done')
if ARGV[4] == '1' then -- its record said whose turn it was
  local turns = redis.call('HGETALL', (order_of(ARGV[1], KEYS[2])))
  for at = 2, #turns, 2 do
    if turns[at] == string.sub(KEYS[2], -36) then pass_on(KEYS[1], KEYS[3], ARGV[1], KEYS[2], turns[at - 1]) end
  end
end
return 1
