-- Put in front of every script.
if redis.replicate_commands then redis.replicate_commands() end

local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- A server whose memory is full refuses a script's writes that may need room, unless the script has written something
-- before. What settles or renews work must go on there, because that is what frees memory: it begins with a write that
-- needs no room and changes nothing.
local function allow_when_full(key)
  redis.call('PERSIST', key)
end

-- Whether an outbox takes so many more events. An empty one takes any number: who publishes more than there is room for
-- could never end.
local function has_room(outbox, count, cap)
  if count == 0 then return true end
  local waiting = redis.call('XLEN', outbox)
  return waiting == 0 or waiting + count <= tonumber(cap)
end

-- Adds `count` events of ARGV, from position `at`, to an outbox: envelope, parent span and agent of each. Appends their
-- entries to `answer`; returns the position behind them.
local function emit(outbox, at, count, answer)
  for _ = 1, count do
    answer[#answer + 1] = redis.call('XADD', outbox, '*', 'e', ARGV[at], 'p', ARGV[at + 1], 'a', ARGV[at + 2])
    at = at + 3
  end
  return at
end

-- Writes `count` pairs of ARGV, from position `at`, into a hash; returns the position behind them.
local function write_state(hash, at, count)
  for _ = 1, count do
    redis.call('HSET', hash, ARGV[at], ARGV[at + 1])
    at = at + 2
  end
  return at
end
