-- Commits a success: dedup mark, published events, written state and the ledger move together.
-- KEYS stream, d, done, n, out, kv, origin dead letter
-- ARGV group, consumer, entry, is_retry, mark_ms, has_origin, events, writes, then (envelope, parent, agent)*, (key, value)*
-- Returns {0} when stale, else {1, outbox entry*}.
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return {0} end
redis.call('SET', KEYS[3], '1', 'PX', ARGV[5])
settle(KEYS[1], ARGV[1], ARGV[3], ARGV[4])
move(KEYS[4], ARGV[1], 'pending', 'done')
if ARGV[6] == '1' then redis.call('HSET', KEYS[7], 'outcome', 'ok') end
redis.call('DEL', KEYS[2])
local answer = {1}
local at = 9
for _ = 1, tonumber(ARGV[7]) do
  answer[#answer + 1] = redis.call('XADD', KEYS[5], '*', 'e', ARGV[at], 'p', ARGV[at + 1], 'a', ARGV[at + 2])
  at = at + 3
end
for _ = 1, tonumber(ARGV[8]) do
  redis.call('HSET', KEYS[6], ARGV[at], ARGV[at + 1])
  at = at + 2
end
return answer
