-- Gives a due task to a worker, or to a cell, under a lease of its own.
-- KEYS tasks, suspects, leases, run, att, st, parts, undos, chunks, need, wake, lanes
-- ARGV member, step, token, lease_ms, isolated, whether it has an undo, number of shapes, number of upstream steps, prefix
--      of the app's keys, number of limits, (name, key or '', at once, calls, tokens a minute)*, shape of a run that will
--      do*, upstream step*, part*
-- Returns {-1, shape} when the run began with a shape that will not do (with none, any does), {} when it is not due (any
-- more), waits for a cell, or is over a limit, else
-- {attempt, fails, deaths, vanished, lost attempt, its start ms, now, first_ms, {field, value, ...} of the run, {result, ...},
-- {part, ...}}
local member, step = ARGV[1], ARGV[2]
local queue = ARGV[5] == '1' and KEYS[2] or KEYS[1]
local score = redis.call('ZSCORE', queue, member)
local now = now_ms()
local lane
if not score and ARGV[5] ~= '1' then lane, score = lane_of(KEYS[12], member) end
-- The token is ours already where the client repeats a claim whose answer it lost.
local held_by = redis.call('HGET', KEYS[3], member)
local again = held_by == ARGV[3]
if not score or (tonumber(score) > now and not again) then return {} end
allow_when_full(queue)
if not goes_on(KEYS[4], member) then
  if lane then leave_lane(KEYS[12], lane, member) end
  redis.call('ZREM', queue, member)
  redis.call('HDEL', KEYS[3], member)
  return {}
end
local limits, shapes = tonumber(ARGV[10]), tonumber(ARGV[7])
local first_shape = 11 + 5 * limits
if shapes > 0 then
  local shape, will_do = redis.call('HGET', KEYS[4], 'shape') or '', false
  for at = first_shape, first_shape + shapes - 1 do will_do = will_do or ARGV[at] == shape end
  if shape ~= '' and not will_do then return {-1, shape} end
end
if held_by and not again then
  forfeit(KEYS[1], KEYS[2], KEYS[3], KEYS[5], member, step, now)
  if ARGV[5] ~= '1' then return {} end
end
if limits > 0 and not again then
  local holding = limits_of(KEYS[4], 11, limits)
  for _, limit in ipairs(holding) do
    if room(ARGV[9], KEYS[3], limit.name, limit.bounds, now) == 0 then return {} end
  end
  for _, limit in ipairs(holding) do
    if limit.bounds[1] ~= '' then redis.call('HSET', ARGV[9] .. 'permits:' .. limit.name, member, ARGV[3]) end
    if limit.bounds[2] ~= '' then spend(ARGV[9], limit.name, 1, 0, now) end
  end
end
if lane then leave_lane(KEYS[12], lane, member, true) end
if ARGV[6] == '1' and not redis.call('ZSCORE', KEYS[8], step) then -- from now on it may have happened
  redis.call('ZADD', KEYS[8], redis.call('HINCRBY', KEYS[4], 'undo_order', 1), step)
end
local upstream, first_part = {}, first_shape + shapes + tonumber(ARGV[8])
for at = first_shape + shapes, first_part - 1 do upstream[#upstream + 1] = ARGV[at] end
local whole = string.match(member, '|([^|~]*)%[%d+%]$')
if whole and not again and redis.call('HEXISTS', KEYS[7], whole .. ':grows') == 1 then
  local item = next_item(KEYS[7], KEYS[10], whole)
  if item then
    redis.call('ZADD', KEYS[1], now, string.match(member, '^(.*|)') .. item)
    wake(KEYS[11])
  end
end
local keys = {queue = queue, leases = KEYS[3], attempts = KEYS[5], results = KEYS[6]}
local answer, results = begin_attempt(keys, member, step, ARGV[3], ARGV[4], now, upstream)
answer[9], answer[10], answer[11] = redis.call('HGETALL', KEYS[4]), results, {}
for at = first_part, #ARGV do answer[11][#answer[11] + 1] = redis.call('HGET', KEYS[7], ARGV[at]) or '' end
if answer[1] > 1 then note_attempt(KEYS[9], KEYS[5], step, answer[1], now) end
return answer
