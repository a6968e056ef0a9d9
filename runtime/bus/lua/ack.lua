-- Commits a success: dedup mark, published events, written state and the ledger move together.
-- KEYS stream, d, done, n, out, kv, origin dead letter
-- ARGV group, consumer, entry, is_retry, mark_ms, has_origin, outbox cap, events, writes, (envelope, parent, agent)*, (key, value)*
-- Returns {1, outbox entry*}, {0} when stale, {-1} when the outbox has no room. Asked again: {1}.
local mine = hand(ARGV[2], ARGV[3], ARGV[4])
if not owns(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return {redis.call('GET', KEYS[3]) == mine and 1 or 0} end
local events = tonumber(ARGV[8])
if not has_room(KEYS[5], events, ARGV[7]) then return {-1} end
settle(KEYS[1], KEYS[4], ARGV[1], ARGV[3], ARGV[4], 'done')
pass_on(KEYS[1], KEYS[4], ARGV[1], KEYS[2], key_of(KEYS[2], ARGV[4]))
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[3], mine, 'PX', ARGV[5])
if ARGV[6] == '1' then tell_origin(KEYS[7], 'ok') end
local answer = {1}
local at = emit(KEYS[5], 10, events, answer)
write_state(KEYS[6], at, tonumber(ARGV[9]))
return answer
