-- Removes a group: what it still owed is owed no more. Its dead letters and its audit stay readable.
-- KEYS s, n, groups, apps, rs, rz, live, aud, retired, order, ol   ARGV group, operator, reason
-- Returns {1, pending, retrying, dead} that it owed, {0} when there is no such group.
if redis.call('HDEL', KEYS[3], ARGV[1]) == 0 then return {0} end
local app = redis.call('HGET', KEYS[4], ARGV[1]) or ''
local answer = {1}
for _, state in ipairs({'pending', 'retrying', 'dead'}) do
  answer[#answer + 1] = tonumber(redis.call('HGET', KEYS[2], ARGV[1] .. ':' .. state) or '0')
end
redis.call('HDEL', KEYS[4], ARGV[1])
redis.pcall('XGROUP', 'DESTROY', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[5], KEYS[6], KEYS[7])
for _, field in ipairs({'birth', 'counted', 'pending', 'retrying', 'done', 'dead', 'discarded', 'expired', 'behind'}) do
  redis.call('HDEL', KEYS[2], ARGV[1] .. ':' .. field)
end
local queue = string.gsub(KEYS[11], ':ol:([^:]*)$', ':oq:%1:')
for _, key in ipairs(redis.call('HKEYS', KEYS[11])) do redis.call('DEL', queue .. key) end
redis.call('DEL', KEYS[11])
redis.call('HDEL', KEYS[10], ARGV[1])
redis.call('HSET', KEYS[9], ARGV[1], now_ms() .. '|' .. app)
redis.call('XADD', KEYS[8], '*', 'action', 'retire', 'letter', '', 'event', '', 'operator', ARGV[2], 'reason', ARGV[3])
return answer
