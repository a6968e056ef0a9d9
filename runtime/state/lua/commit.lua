-- Commits a step's result exactly once, with the events that it published, and books what follows. One of the steps that
-- it makes due may be taken at once by whoever commits, as `claim` would give it.
-- KEYS run, st, need, att, tasks, suspects, leases, out, wake, ended, kv, shared, channel that ends are told on, parts, undos
-- ARGV run id, workflow, step, token, result, outbox cap, successors, events, writes, shared writes,
--      token of the next attempt or '', its lease_ms, life of the run as the caller knows it, steps that may be taken,
--      name of the result, fan-out that it is an item of or '', failed items that are tolerated or '', gathered items,
--      steps of the next round, notes, what it means for its undo ('', 'done', 'not done' or 'undo'),
--      (step, number of upstream steps, upstream step*)*, (step of the next round, steps of it that it waits for)*,
--      (note, value)*, successor*, (envelope, parent, agent)*, (key, value)*, (key, value)*
-- Returns {1, run ended, now, accepted_ms, {} or {step, as claim.lua has it up to first_ms, {result, ...},
-- {part, value, ...}}, outbox entry*}, {0} when stale, {-1} when the outbox has no room, {-2} when one more item has failed than is tolerated. Asked
-- again: {1, ...} without entries.
local step, item_of = ARGV[3], ARGV[16]
local prefix = ARGV[1] .. '|' .. ARGV[2] .. '|'
local accepted = tonumber(redis.call('HGET', KEYS[1], 'accepted_ms') or '0')
local now = now_ms()
local at = 22
local takable, upstream_of = {}, {}
for place = 1, tonumber(ARGV[14]) do
  local name, upstream = ARGV[at], {}
  for more = 1, tonumber(ARGV[at + 1]) do upstream[more] = ARGV[at + 1 + more] end
  takable[place], upstream_of[name] = name, upstream
  at = at + 2 + #upstream
end
-- What may be taken is named by its word; `whole[*]` stands for whichever item is next.
local any_item = item_of .. '[*]'
local function take(name)
  local keys = {queue = KEYS[5], leases = KEYS[7], attempts = KEYS[4], results = KEYS[2]}
  local reads = upstream_of[name] or upstream_of[any_item]
  local taken, results = begin_attempt(keys, prefix .. name, name, ARGV[11], ARGV[12], now, reads)
  table.insert(taken, 1, name)
  taken[10], taken[11] = results, {}
  if not upstream_of[name] then
    taken[11] = {name, redis.call('HGET', KEYS[14], name), item_of, redis.call('HGET', KEYS[14], item_of)}
  end
  return taken
end
if not owns(KEYS[1], KEYS[7], prefix .. step, ARGV[4]) then
  if not was_settled(KEYS[4], step, ARGV[4], 'commit') then return {0} end
  local taken = {}
  for _, name in ipairs(takable) do
    if name == any_item then name = redis.call('HGET', KEYS[4], step .. ':took') or '' end
    if redis.call('HGET', KEYS[7], prefix .. name) == ARGV[11] then taken = take(name) end
  end
  local is_mine = redis.call('HGET', KEYS[1], 'ended_by') == ARGV[4]
  return {1, is_mine and 1 or 0, is_mine and tonumber(redis.call('HGET', KEYS[1], 'ended_ms')) or now, accepted, taken}
end
local events = tonumber(ARGV[8])
if not has_room(KEYS[8], events, ARGV[6]) then return {-1} end
if ARGV[17] ~= '' then
  if tonumber(redis.call('HGET', KEYS[14], item_of .. ':failed')) >= tonumber(ARGV[17]) then return {-2} end
  redis.call('HINCRBY', KEYS[14], item_of .. ':failed', 1)
end
settle(KEYS[4], KEYS[7], prefix .. step, step, ARGV[4], 'commit')
redis.call('ZREM', KEYS[5], prefix .. step)
redis.call('ZREM', KEYS[6], prefix .. step)
redis.call('HDEL', KEYS[3], step)
if ARGV[21] == 'undo' then
  redis.call('ZREM', KEYS[15], string.sub(step, 2))
else
  redis.call('HSET', KEYS[2], ARGV[15], ARGV[5])
end
if ARGV[21] == 'done' then
  redis.call('ZADD', KEYS[15], redis.call('HINCRBY', KEYS[1], 'undo_order', 1), step)
  redis.call('HSET', KEYS[14], '~' .. step, ARGV[5])
elseif ARGV[21] == 'not done' then
  redis.call('ZREM', KEYS[15], step)
end
local may_take = #takable > 0 and life(KEYS[1]) == tonumber(ARGV[13])
local taken = {}
local function make_due(name)
  if may_take and #taken == 0 and (upstream_of[name] or (upstream_of[any_item] and name ~= item_of)) then
    if not upstream_of[name] then redis.call('HSET', KEYS[4], step .. ':took', name) end
    taken = take(name)
  else
    redis.call('ZADD', KEYS[5], now, prefix .. name)
    wake(KEYS[9])
  end
end
if item_of ~= '' then
  local item = next_item(KEYS[14], KEYS[3], item_of)
  if item then make_due(item) end
  if redis.call('HINCRBY', KEYS[14], item_of .. ':open', -1) == 0 then make_due(item_of) end
end
for index = 0, tonumber(ARGV[18]) - 1 do
  redis.call('HDEL', KEYS[2], step .. '[' .. index .. ']')
  redis.call('HDEL', KEYS[14], step .. '[' .. index .. ']')
end
local open = (item_of == '' and ARGV[21] ~= 'undo') and -1 or 0
for _ = 1, tonumber(ARGV[19]) do
  open = open + 1
  redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1])
  if ARGV[at + 1] == '0' then make_due(ARGV[at]) end
  at = at + 2
end
at = write_state(KEYS[14], at, tonumber(ARGV[20]))
for _ = 1, tonumber(ARGV[7]) do
  local left = redis.call('HINCRBY', KEYS[3], ARGV[at], -1)
  if left == 0 then
    make_due(ARGV[at])
  elseif left < 0 then -- the run began before that step was part of its workflow
    redis.call('HDEL', KEYS[3], ARGV[at])
  end
  at = at + 1
end
local answer = {1, 0, now, accepted, taken}
at = emit(KEYS[8], at, events, answer)
at = write_state(KEYS[11], at, tonumber(ARGV[9]))
write_state(KEYS[12], at, tonumber(ARGV[10]))
local keys = {run = KEYS[1], need = KEYS[3], tasks = KEYS[5], leases = KEYS[7], wake = KEYS[9], ended = KEYS[10],
  over = KEYS[13], parts = KEYS[14], undos = KEYS[15]}
if ARGV[21] == 'undo' then
  answer[2] = undo_next(keys, ARGV[1], ARGV[4], now) and 1 or 0
elseif open ~= 0 and redis.call('HINCRBY', KEYS[1], 'open', open) == 0 then
  end_run(keys, ARGV[1], 'ok', ARGV[4], now)
  answer[2] = 1
end
return answer
