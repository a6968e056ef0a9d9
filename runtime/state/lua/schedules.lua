-- Reads all schedules of an app, and the ticks that are noted.
-- KEYS schedules, ticks   ARGV prefix of the app's keys
-- Returns {now, {run, <ms>|<tick>, ...}, (name, {field, value, ...})*}.
local answer = {now_ms(), redis.call('HGETALL', KEYS[2])}
for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  answer[#answer + 1] = name
  answer[#answer + 1] = redis.call('HGETALL', ARGV[1] .. 'sched:' .. name)
end
return answer
