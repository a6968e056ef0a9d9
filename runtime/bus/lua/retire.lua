-- Removes a group: what it still owed is owed no more. Its dead letters and its audit stay readable.
-- KEYS s, n, groups, apps, aud, retired   ARGV group, operator, reason
-- Returns {1, pending, retrying, dead} that it owed, {0} when there is no such group.
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 0 then return {0} end
local app = redis.call('HGET', KEYS[4], ARGV[1]) or ''
local answer = {1}
for _, state in ipairs({'pending', 'retrying', 'dead'}) do
  answer[#answer + 1] = tonumber(redis.call('HGET', KEYS[2], ARGV[1] .. ':' .. state) or '0')
end
remove_group(string.sub(KEYS[1], 1, -3), ARGV[1])
redis.call('HSET', KEYS[6], ARGV[1], now_ms() .. '|' .. app)
redis.call('XADD', KEYS[5], '*', 'action', 'retire', 'letter', '', 'event', '', 'operator', ARGV[2], 'reason', ARGV[3])
return answer
