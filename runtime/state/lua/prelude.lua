-- Put in front of every script of the state store. One app's runs share a hash tag, so each script stays in one slot.
--
-- A <step> is the word of a place: step, step#2 in a loop's second round, step[3] for an item, ~step for its undo.
--
-- causeline:1:apps                       set      names of all apps
-- causeline:1:{runs:<app>.0}:tasks       zset     <run>|<workflow>|<step> -> due ms, or the end of its lease
--                           :suspects    zset     the same, of tasks whose worker is gone: they wait for a cell
--                           :lanes       set      agents that have a lane: steps that are for them, are due, and were
--                                                 set aside by workers that leave them to others
--                           :lanes:due:<lane>   zset  <run>|<workflow>|<step> -> due ms; none of these is in :tasks, too
--                           :lanes:wake:<agent> list  as :wake, for the workers that serve the agent
--                                                 The lane of an agent's steps that take turns by key has the agent's
--                                                 name and a line break behind it. Beside :due, it has:
--                           :lanes:turns:<lane> zset  <turn> -> its place in the order of turns; one that begins something
--                                                 goes behind all others. A turn is the keys that limits go by: each
--                                                 limit's name and the key's value in the run, a line each;
--                                                 empty for runs that have none
--                           :lanes:turn:<lane>:<turn>  zset  <run>|<workflow>|<step> -> due ms, as in :due
--                           :lanes:keys:<lane>  hash  <run>|<workflow>|<step> -> <turn>
--                           :permits:<limit>    hash  <run>|<workflow>|<step> -> token of an attempt at it, where that is
--                                                 limited; it counts for as long as :leases has that token. A limit is
--                                                 an agent; or what one by key holds for and, in a line, a value
--                           :spent:<limit>      hash  c<second>, t<second> -> calls, tokens of the last minute
--                           :leases      hash     <run>|<workflow>|<step> -> token of the attempt that goes on
--                           :wake        list     a token for each task that is due at once; only a wake-up
--                           :runs        zset     run -> accepted ms
--                           :ended       zset     <run>|<life> -> ended ms, whose end nobody has confirmed as exported;
--                                                 former versions wrote the run alone
--                           :out         stream   outbox: events that steps published, on their way
--                           :live        zset     worker -> last sign of life, ms
--                           :workers     hash     worker -> what it says of itself, JSON
--                           :declared    string   workflows that the code declares, with the names of their steps, JSON
--                           :shared      hash     small state of the whole app
--                           :shapes      hash     digest of a workflow's shape -> the shape, JSON
--                           :shaped      hash     <workflow>|<digest of its shape> -> runs that go on, or are undone
--                           :keyed       hash     <workflow>|<caller's key> -> <run>|<accepted ms>|<digest of its inputs>
--                           :aud         stream   what operators did to runs
--                           :scheds      set      names of schedules
--                           :sched:<schedule> hash a schedule: its rule, its next tick, what became of former ones
--                           :undofails   zset     run of which an undo has failed for good -> since when, ms
--                           :asked       zset     <run>|<wait> -> since when a step waits for it, ms; answered or over: gone
--                           :ticks       hash     run -> <noted ms>|<tick>, that is to be started, or told of
--                           :deadlines   zset     run -> its deadline in ms, while it goes on
--                           :run:<run>   hash     the run's record; end:<life> is what a former life failed of, until that is
--                                                 exported; by are the values of its keys, JSON
--                           :st:<run>    hash     step -> result, written once
--                           :need:<run>  hash     step that is not committed -> upstream steps that are still open
--                           :parts:<run> hash     <fan-out> -> its number of items, with :open, :next and :failed of them, and :grows
--                                                 where the next is due when one is begun, not when one is committed;
--                                                 <item> -> what it is given; what commits have noted;
--                                                 <step>:run -> run that it waits for; ~<step> -> result that is undone,
--                                                 with :after, when its last attempt can't be under way any more
--                           :undos:<run> zset     step with an undo, begun or done, that is not undone -> its place in their order
--                           :att:<run>   hash     <step>:<n|fails|deaths|vanished|first|at|before|lost|by|streamed>
--                           :calls:<run> hash     <step>|<call> -> what an attempt has recorded of it, JSON
--                           :waits:<run> hash     <wait> -> what a step waits for, and its answer, JSON
--                           :chunks:<run> stream  what the run streams, numbered from 1: k(ind), s(tep), n (attempt),
--                                                 t(ime) in ms, v(alue), b(ytes of all up to it)
--                           :kv:<run>    hash     state that the run's steps keep
--                           :once:<call> string   a call's answer, for a client that lost it

-- Whether a task may still be worked on: while its run goes on, or, if it is an undo, while that is undone.
local function goes_on(run, member)
  return redis.call('HGET', run, 'status') == (string.find(member, '|~', 1, true) and 'undoing' or 'running')
end

-- An attempt's own lease: whoever lost it, or whose run has ended, changes nothing.
local function owns(run, leases, member, token)
  if redis.call('HGET', leases, member) ~= token then return false end
  if goes_on(run, member) then return true end
  redis.call('HDEL', leases, member)
  return false
end

-- Ends an attempt in one of several ways: its lease is over, and whoever asks for the same again is told that it holds.
local function settle(attempts, leases, member, step, token, how)
  redis.call('HDEL', leases, member)
  redis.call('HSET', attempts, step .. ':by', how .. '|' .. token)
end

local function was_settled(attempts, step, token, how)
  return redis.call('HGET', attempts, step .. ':by') == how .. '|' .. token
end

local function wake(list)
  redis.call('LPUSH', list, '1')
  redis.call('LTRIM', list, 0, 255)
end

-- Whose lane a task is in, and since when it is due.
local function lane_of(lanes, member)
  for _, agent in ipairs(redis.call('SMEMBERS', lanes)) do
    local score = redis.call('ZSCORE', lanes .. ':due:' .. agent, member)
    if score then return agent, score end
  end
end

-- Puts a turn behind all others of its lane.
local function go_last(turns, turn)
  local last = redis.call('ZRANGE', turns, -1, -1, 'WITHSCORES')
  redis.call('ZADD', turns, (tonumber(last[2]) or 0) + 1, turn)
end

-- Takes a task out of the turn that it is in, which goes last where the task begins.
local function leave_turn(lanes, lane, member, begins)
  local keys, turns = lanes .. ':keys:' .. lane, lanes .. ':turns:' .. lane
  local turn = redis.call('HGET', keys, member)
  local own = lanes .. ':turn:' .. lane .. ':' .. turn
  redis.call('HDEL', keys, member)
  redis.call('ZREM', own, member)
  if redis.call('EXISTS', own) == 0 then
    redis.call('ZREM', turns, turn)
  elseif begins then
    go_last(turns, turn)
  end
end

-- Takes a task out of the lane that it is in, one that is known or any.
local function leave_lane(lanes, lane, member, begins)
  lane = lane or lane_of(lanes, member)
  if not lane then return end
  redis.call('ZREM', lanes .. ':due:' .. lane, member)
  local agent = string.match(lane, '^[^\n]*')
  if agent ~= lane then leave_turn(lanes, lane, member, begins) end
  if redis.call('EXISTS', lanes .. ':due:' .. lane) == 0 then
    redis.call('SREM', lanes, lane)
    redis.call('DEL', lanes .. ':wake:' .. agent)
  end
end

-- Those that hold for a run of `count` limits in ARGV, from `at` on: (name, key or '', at once, calls, tokens a minute)*.
-- By a key that the run has no value of, because it began before there was such a limit, none holds.
local function limits_of(run, at, count)
  local found, by = {}, nil
  for one = at, at + 5 * (count - 1), 5 do
    local name, key = ARGV[one], ARGV[one + 1]
    if key ~= '' then
      by = by or cjson.decode(redis.call('HGET', run, 'by') or '{}')
      name = by[key] and name .. '\n' .. by[key]
    end
    if name then found[#found + 1] = {name = name, bounds = {ARGV[one + 2], ARGV[one + 3], ARGV[one + 4]}} end
  end
  return found
end

-- How many more attempts a limit lets begin now: of `bounds` {at once, calls, tokens a minute}, '' for none.
-- A permit is no counter that might be left behind: it counts while its attempt has its lease, however that ends. Whoever
-- needs no more than one is told of fewer than there are rather than have all permits looked through.
local function room(prefix, leases, name, bounds, now, is_exact)
  local free = math.huge
  if bounds[1] ~= '' then
    local permits = prefix .. 'permits:' .. name
    free = tonumber(bounds[1]) - redis.call('HLEN', permits)
    if is_exact or free <= 0 then
      local held = redis.call('HGETALL', permits)
      for at = 1, #held, 2 do
        if redis.call('HGET', leases, held[at]) ~= held[at + 1] then
          redis.call('HDEL', permits, held[at])
          free = free + 1
        end
      end
    end
  end
  if bounds[2] ~= '' or bounds[3] ~= '' then
    local spent, used = prefix .. 'spent:' .. name, {c = 0, t = 0}
    local found, since = redis.call('HGETALL', spent), math.floor(now / 1000) - 60
    for at = 1, #found, 2 do
      local kind, second = string.sub(found[at], 1, 1), tonumber(string.sub(found[at], 2))
      if second < since then
        redis.call('HDEL', spent, found[at])
      else
        used[kind] = used[kind] + tonumber(found[at + 1])
      end
    end
    if bounds[2] ~= '' then free = math.min(free, tonumber(bounds[2]) - used.c) end
    if bounds[3] ~= '' and used.t >= tonumber(bounds[3]) then free = 0 end
  end
  return math.max(free, 0)
end

-- Counts calls and tokens for a limit.
local function spend(prefix, name, calls, tokens, now)
  local spent, second = prefix .. 'spent:' .. name, string.format('%d', math.floor(now / 1000))
  if calls > 0 then redis.call('HINCRBY', spent, 'c' .. second, calls) end
  if tokens > 0 then redis.call('HINCRBY', spent, 't' .. second, tokens) end
  redis.call('EXPIRE', spent, 120)
end

-- Which life of a run goes on, or ended last; from 1.
local function life(run)
  return tonumber(redis.call('HGET', run, 'life') or '0') + 1
end

-- Notes an end that is to be exported.
local function note_end(run, ended, id, now)
  redis.call('ZADD', ended, now, id .. '|' .. life(run))
end

-- Takes an attempt from a worker that is gone, or that does not renew its lease. The task waits for a cell.
local function forfeit(tasks, suspects, leases, attempts, member, step, now)
  redis.call('HDEL', leases, member)
  redis.call('ZREM', tasks, member)
  redis.call('ZADD', suspects, now, member)
  redis.call('HSET', attempts, step .. ':lost', redis.call('HGET', attempts, step .. ':n') or '0')
end

-- Begins an attempt under a lease of its own; whoever asks again with the same token changes nothing but the lease's end.
-- Returns {attempt, fails, deaths, vanished, lost attempt, its start ms, now, first_ms}, and results of upstream steps.
local function begin_attempt(keys, member, step, token, lease_ms, now, upstream)
  if redis.call('HGET', keys.leases, member) ~= token then
    redis.call('HINCRBY', keys.attempts, step .. ':n', 1)
    redis.call('HSETNX', keys.attempts, step .. ':first', now)
    redis.call('HSET', keys.attempts, step .. ':before', redis.call('HGET', keys.attempts, step .. ':at') or '0',
      step .. ':at', now)
    redis.call('HSET', keys.leases, member, token)
  end
  redis.call('ZADD', keys.queue, now + tonumber(lease_ms), member)
  local counts = redis.call('HMGET', keys.attempts, step .. ':n', step .. ':fails', step .. ':deaths', step .. ':vanished',
    step .. ':lost', step .. ':before', step .. ':first')
  for at = 1, 7 do counts[at] = tonumber(counts[at] or '0') end
  local results = {}
  for at, name in ipairs(upstream) do results[at] = redis.call('HGET', keys.results, name) or '' end
  return {counts[1], counts[2], counts[3], counts[4], counts[5], counts[6], now, counts[7]}, results
end

-- The next item of a fan-out that nobody was given yet; nil where there is none.
local function next_item(parts, need, whole)
  local index = redis.call('HINCRBY', parts, whole .. ':next', 1) - 1
  if index >= tonumber(redis.call('HGET', parts, whole)) then return nil end
  local item = whole .. '[' .. string.format('%d', index) .. ']'
  redis.call('HSET', need, item, 0)
  return item
end

-- Tells whoever waits for a run that it has ended. Nobody's work depends on it, and a user may not be allowed to.
local function tell_end(channel, id)
  redis.pcall('PUBLISH', channel, id)
end

-- Counts a run of its workflow's shape that goes on again, or does no more.
local function count_shape(run, id, by)
  local shape = redis.call('HGET', run, 'shape')
  if not shape then return end
  local shaped = string.sub(run, 1, -6 - #id) .. ':shaped'
  local name = redis.call('HGET', run, 'workflow') .. '|' .. shape
  if redis.call('HINCRBY', shaped, name, by) <= 0 then redis.call('HDEL', shaped, name) end
end

-- Takes what a run waited for, which goes on no more, from the list of what all runs wait for.
local function withdraw_waits(run, id)
  local prefix = string.sub(run, 1, -5 - #id)
  for _, name in ipairs(redis.call('HKEYS', prefix .. 'waits:' .. id)) do
    redis.call('ZREM', prefix .. 'asked', id .. '|' .. name)
  end
end

-- Ends a run, tells of it, and has the step go on that waits for it; one that is under way finds out for itself.
local function end_run(keys, id, status, token, now)
  redis.call('HSET', keys.run, 'status', status, 'ended_ms', now, 'ended_by', token)
  note_end(keys.run, keys.ended, id, now)
  count_shape(keys.run, id, -1)
  withdraw_waits(keys.run, id)
  tell_end(keys.over, id)
  local waiter, deadline = unpack(redis.call('HMGET', keys.run, 'waiter', 'deadline_ms'))
  if deadline then redis.call('ZREM', string.gsub(keys.tasks, 'tasks$', 'deadlines'), id) end
  if not waiter then return end
  redis.call('HDEL', keys.run, 'waiter')
  local waiting_run = string.sub(keys.run, 1, -1 - #id) .. string.sub(waiter, 1, #id)
  if redis.call('HEXISTS', keys.leases, waiter) == 0 and goes_on(waiting_run, waiter) then
    redis.call('ZADD', keys.tasks, now, waiter)
    wake(keys.wake)
  end
end

-- Makes the undo due of what was done last, when no attempt at it can be under way any more; ends the run where nothing is
-- left to undo. Returns whether it has ended.
local function undo_next(keys, id, token, now)
  local step = redis.call('ZREVRANGE', keys.undos, 0, 0)[1]
  if not step then
    local status = redis.call('HGET', keys.run, 'ending')
    redis.call('HDEL', keys.run, 'ending')
    end_run(keys, id, status, token, now)
    return true
  end
  local after = tonumber(redis.call('HGET', keys.parts, '~' .. step .. ':after') or '0')
  redis.call('HSET', keys.need, '~' .. step, 0)
  redis.call('ZADD', keys.tasks, math.max(now, after), id .. '|' .. redis.call('HGET', keys.run, 'workflow') .. '|~' .. step)
  wake(keys.wake)
  return false
end

-- Keeps what a life of a run ended with that is over, for as long as that is not exported; then another life may begin.
local function next_life(run, ended, id, now)
  local before = life(run)
  local is_confirmed = redis.call('ZREM', ended, id) == 0 and not redis.call('ZSCORE', ended, id .. '|' .. before)
  if not is_confirmed then
    local last = {}
    for _, field in ipairs({'status', 'ended_ms', 'resumed_ms', 'error_type', 'error', 'failed_step'}) do
      last[field] = redis.call('HGET', run, field) or nil
    end
    redis.call('HSET', run, 'end:' .. before, cjson.encode(last))
    redis.call('ZADD', ended, 'NX', last.ended_ms, id .. '|' .. before)
  end
  redis.call('HINCRBY', run, 'life', 1)
  count_shape(run, id, 1)
  redis.call('HSET', run, 'resumed_ms', now)
  redis.call('HDEL', run, 'ended_ms', 'ended_by', 'finished_by')
  return before + 1
end

-- What a step waits for: `step` and `since`, `ends` and `over` where its time is bounded and up, `value`, `by` and `at` once
-- it is answered, with the answer's `id`, and the `node` whose code has sent it; `former` is the id of the answer to the
-- round before. Times are text: as numbers, long ones would lose their last digits.
local function read_wait(waits, name)
  local text = redis.call('HGET', waits, name)
  return text and cjson.decode(text) or {}
end

-- Writes it down, and lists it with what all runs wait for as long as it is open.
local function write_wait(waits, name, wait)
  redis.call('HSET', waits, name, cjson.encode(wait))
  local prefix, id = string.match(waits, '^(.*)waits:([^:]*)$')
  if wait.step and not wait.at and not wait.over then
    redis.call('ZADD', prefix .. 'asked', wait.since, id .. '|' .. name)
  else
    redis.call('ZREM', prefix .. 'asked', id .. '|' .. name)
  end
end

-- Which attempt at a step has streamed last, and how many chunks; nil where none has.
local function streamed_by(attempts, step)
  local said = redis.call('HGET', attempts, step .. ':streamed')
  if not said then return nil, 0 end
  local attempt, count = string.match(said, '^(%d+)|(%d+)$')
  return tonumber(attempt), tonumber(count)
end

-- What an entry of a run's stream counts for, and its offset; nothing where there is none.
local function entry_at(stream, command, from, to)
  local entry = redis.call(command, stream, from, to, 'COUNT', 1)[1]
  if not entry then return {offset = 0, upto = 0, bytes = 0} end
  local said = {}
  for at = 1, #entry[2], 2 do said[entry[2][at]] = entry[2][at + 1] end
  local offset = tonumber(string.match(entry[1], '^%d+'))
  return {id = entry[1], offset = offset, upto = tonumber(said.b), bytes = #said.s + #said.v + 64}
end

-- The newest entry of a run's stream is always there: it knows the number of the next.
local function newest_entry(stream)
  return entry_at(stream, 'XREVRANGE', '+', '-')
end

-- Adds an entry behind the newest one, and becomes that.
local function add_entry(stream, newest, kind, step, attempt, now, value)
  newest.offset = newest.offset + 1
  newest.upto = newest.upto + #step + #value + 64
  redis.call('XADD', stream, string.format('%d-0', newest.offset), 'k', kind, 's', step, 'n', attempt, 't',
    string.format('%d', now), 'v', value, 'b', string.format('%d', newest.upto))
end

-- Drops the oldest entries of a run's stream until it has no more than so many bytes.
local function trim_stream(stream, newest, most)
  local oldest = entry_at(stream, 'XRANGE', '-', '+')
  while oldest.offset < newest.offset and newest.upto - oldest.upto + oldest.bytes > most do
    redis.call('XDEL', stream, oldest.id)
    oldest = entry_at(stream, 'XRANGE', '-', '+')
  end
end

-- Tells the readers of a run that another attempt at a step has begun, where one before has streamed: what that said does
-- not count any more. How many chunks of the attempt are there.
local function note_attempt(stream, attempts, step, attempt, now)
  local before, count = streamed_by(attempts, step)
  if before == attempt then return count end
  if count > 0 then add_entry(stream, newest_entry(stream), 'a', step, attempt, now, '') end
  if before then redis.call('HSET', attempts, step .. ':streamed', attempt .. '|0') end
  return 0
end
