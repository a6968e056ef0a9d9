-- Removes an ephemeral group, and all that is known of it.
-- KEYS s, eph, live, kv   ARGV group, 1 when its owner is known to be gone
-- Returns 1, or 0 when there is no such group, or its owner was heard of.
local silence = redis.call('HGET', KEYS[2], ARGV[1])
if not silence then return 0 end
local last = redis.call('ZRANGE', KEYS[3], -1, -1, 'WITHSCORES')[2]
if ARGV[2] == '0' and last and now_ms() - tonumber(last) <= tonumber(silence) then return 0 end
allow_when_full(KEYS[1])
remove_group(string.sub(KEYS[1], 1, -3), ARGV[1])
redis.call('DEL', KEYS[4])
return 1
