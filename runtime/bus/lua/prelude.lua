-- Put in front of every script of the bus. One channel's keys share a hash tag, so each script stays in one slot.
--
-- causeline:1:channels                        set      names of all channels
-- causeline:1:{<channel>.0}:s                 stream   what was published; field e = envelope, b = booked as owed
--                          :n                 hash     published, groups (how many it ever had), and
--                                                      <group>:<birth|counted|pending|retrying|done|dead|
--                                                      discarded|expired|behind>, and <group>:booked:<entry> of entries under
--                                                      way that something else than the bus wrote
--                          :groups            hash     group -> JSON schema of its handler
--                          :apps              hash     group -> name of the app that serves it
--                          :retired           hash     group that was retired -> <when, ms>|<app that served it>
--                          :lz                zset     event that is held back -> due ms
--                          :le                hash     event that is held back -> envelope
--                          :out               stream   outbox: events that handlers published, on their way
--                          :pub:<event>       string   dedup mark of a publish
--                          :key:<source>:<key> string  dedup mark of a publisher's own key: event, entry, digest
--                          :rs:<group>        stream   due retries and replays; field d = delivery id
--                          :rz:<group>        zset     delivery id -> due ms
--                          :d:<group>:<id>    hash     a delivery under way: n, e, round, h:<round>:<attempt>, ...; k is
--                                                      its key, where its group keeps an order
--                          :eph               hash     ephemeral group -> ms of silence after which it is gone
--                          :order             hash     group that keeps an order -> by what
--                          :ol:<group>        hash     key -> the delivery whose turn it is, until that has ended
--                          :oq:<group>:<key>  list     deliveries that wait behind it
--                          :done:<group>:<id> string   dedup mark of an event that the group has done: whose settlement
--                          :dl:<group>:<id>   hash     a dead letter: a delivery's hash, and why it died
--                          :dz:<group>        zset     dead letter id -> died ms, those that wait for somebody
--                          :sz:<group>        zset     dead letter id -> died ms, those replayed or discarded
--                          :aud:<group>       stream   what operators did
--                          :untold            zset     <group>|<letter>|<died or settled> -> ms, what nobody has
--                                                      confirmed as exported
--                          :kv:<group>        hash     state that the group's handlers keep
--                          :live:<group>      zset     consumer -> last heartbeat ms
--                          :once:<call>       string   a call's answer, for a client that lost it

-- Holds in pending lists what was taken from workers that are gone, until a cell takes it.
local SUSPECTS = '~suspects'

-- Holds in pending lists what a group that keeps an order has read and not sorted yet.
local SORTER = '~sorter'

-- How long the mark of an event from an outbox is kept whose entry may still be there, in ms: whoever carries the entry
-- again begins it anew, and lets it end soon once the entry is gone. What a death leaves between the two ends by itself.
local CARRIED_MS = 365 * 24 * 3600 * 1000

-- Marks an event as published; `ms` is 0 for one from an outbox.
local function mark_published(mark, entry, ms)
  redis.call('SET', mark, entry, 'PX', ms == '0' and CARRIED_MS or ms)
end

-- The entry of an event that is published already, or nil.
local function published_before(mark, ms)
  local known = redis.call('GET', mark)
  if known and ms == '0' then redis.call('PEXPIRE', mark, CARRIED_MS) end
  return known
end

-- XACK has no owner check of its own: any client could settle the entry of another. A group that the server has lost
-- owes nothing to anybody.
local function owner(stream, group, entry)
  local pending = redis.pcall('XPENDING', stream, group, entry, entry, 1)
  return not pending.err and pending[1] and pending[1][2] or nil
end

local function owns(stream, group, consumer, entry)
  return owner(stream, group, entry) == consumer
end

-- Which of the entries in ARGV, at `first` and every `step` behind it, a consumer holds: entry -> true. One question for
-- all of them where nothing else that it holds lies between.
local function holding(stream, group, consumer, first, step)
  local held, count = {}, math.floor((#ARGV - first) / step) + 1
  local low, high = ARGV[first], ARGV[first + (count - 1) * step]
  local pending = redis.pcall('XPENDING', stream, group, low, high, count, consumer)
  if pending.err then return held end
  for _, one in ipairs(pending) do held[one[1]] = true end
  for at = first, #ARGV, step do
    if not held[ARGV[at]] and count > 1 and owns(stream, group, consumer, ARGV[at]) then held[ARGV[at]] = true end
  end
  return held
end

-- Who has begun or settled what, so that whoever asks again is told that it was itself. A channel and its retries may
-- have entries of one id.
local function hand(consumer, entry, is_retry)
  return consumer .. '|' .. (is_retry == '1' and 'r' or 's') .. entry
end

-- The server forgets who holds an entry whose event something else has removed, as soon as that is claimed: nobody could
-- settle it any more.
local function is_there(stream, entry)
  return #redis.call('XRANGE', stream, entry, entry) > 0
end

local function move(counters, group, from, to, count)
  redis.call('HINCRBY', counters, group .. ':' .. from, -count)
  redis.call('HINCRBY', counters, group .. ':' .. to, count)
end

-- Ends what is pending: it is done, dead, or will be tried again.
local function settle(stream, counters, group, entry, is_retry, state)
  redis.call('XACK', stream, group, entry)
  if is_retry == '1' then
    redis.call('XDEL', stream, entry)
  else -- an entry of the channel may have the same id as one of its retries: both are named after a millisecond
    redis.call('HDEL', counters, group .. ':booked:' .. entry)
  end
  move(counters, group, 'pending', state, 1)
end

local function older(a, b)
  local a_ms, a_n = string.match(a, '(%d+)-(%d+)')
  local b_ms, b_n = string.match(b, '(%d+)-(%d+)')
  a_ms, b_ms = tonumber(a_ms), tonumber(b_ms)
  if a_ms ~= b_ms then return a_ms < b_ms end
  return tonumber(a_n) < tonumber(b_n)
end

-- An entry that something else wrote was counted by nobody: it is booked as owed once, when it begins or is put off.
-- What the stream held when the group was born, or made again, up to the entry `counted`, was counted then.
local function book(counters, group, entry, foreign)
  if foreign == '1' and redis.call('HSETNX', counters, group .. ':booked:' .. entry, '1') == 1 then
    if older(redis.call('HGET', counters, group .. ':counted') or '0-0', entry) then
      redis.call('HINCRBY', counters, group .. ':pending', 1)
      redis.call('HINCRBY', counters, group .. ':birth', -1)
    end
  end
end

-- Gives an entry to whoever looks after work of workers that are gone. Without counting a delivery.
local function isolate(stream, group, entry, delivery)
  redis.call('XCLAIM', stream, group, SUSPECTS, 0, entry, 'JUSTID')
  redis.call('HSET', delivery, 'suspect', '1')
end

-- When an attempt began.
local function started_ms(delivery, round, attempt)
  return cjson.decode(redis.call('HGET', delivery, 'h:' .. round .. ':' .. attempt)).started_ms
end

-- Notes how an attempt went whose end nobody has written down. Returns its record, or ''.
local function conclude(delivery, round, attempt, now, outcome)
  local field = 'h:' .. round .. ':' .. attempt
  local text = redis.call('HGET', delivery, field)
  if not text then return '' end
  local record = cjson.decode(text)
  if record.ended_ms == nil or record.ended_ms == cjson.null then
    record.ended_ms = now
    record.outcome = outcome
    text = cjson.encode(record)
    redis.call('HSET', delivery, field, text)
  end
  return text
end

-- Puts a delivery off until `due`: its record carries what its next entry will not. A copy of the event may be under
-- way elsewhere, and stays its holder's.
-- ARGV 1 group, 2 consumer, 3 entry, 4 is_retry, 5 delivery, 7 envelope, 8 event, 9 round, 10 foreign
local function put_off(stream, delivery, waiting, counters, due)
  book(counters, ARGV[1], ARGV[3], ARGV[10])
  redis.call('HSET', delivery, 'e', ARGV[7], 'event', ARGV[8], 'round', ARGV[9])
  if redis.call('HGET', delivery, 'holder') == hand(ARGV[2], ARGV[3], ARGV[4]) then
    redis.call('HDEL', delivery, 'holder')
  end
  redis.call('HSETNX', delivery, 'first_ms', now_ms())
  local new = redis.call('ZADD', waiting, due, ARGV[5])
  -- A copy of the event may wait already.
  settle(stream, counters, ARGV[1], ARGV[3], ARGV[4], new == 1 and 'retrying' or 'done')
end

-- Notes what an operator did to a dead letter; `fields` are those that the action sets, as field, value, ...
local function settle_letter(keys, group, letter, action, operator, reason, now, fields)
  redis.call('HSET', keys.letter, 'settled_ms', now, 'operator', operator, unpack(fields))
  redis.call('ZREM', keys.dead, letter)
  redis.call('ZADD', keys.settled, redis.call('HGET', keys.letter, 'dead_ms'), letter)
  redis.call('XADD', keys.audit, '*', 'action', action, 'letter', letter,
    'event', redis.call('HGET', keys.letter, 'event'), 'operator', operator, 'reason', reason)
  redis.call('ZADD', keys.unconfirmed, now, group .. '|' .. letter .. '|settled')
end

-- Notes on a letter how its replay ended, unless it is forgotten.
local function tell_origin(letter, outcome)
  if redis.call('EXISTS', letter) == 1 then redis.call('HSET', letter, 'outcome', outcome) end
end

-- Where the turns of a group's keys are, and what begins the names of their queues; `delivery` is the hash of any of its
-- deliveries, whose id has 36 characters.
local function order_of(group, delivery)
  local base = string.sub(delivery, 1, -(#group + 41))
  return base .. ':ol:' .. group, base .. ':oq:' .. group .. ':'
end

-- Gives a delivery its key's turn, or a place behind those that wait for it. A turn has no lease: it ends with the
-- delivery, whoever holds that, so there are never two of a key under way. Returns whether it is its turn.
local function take_turn(counters, group, delivery, key)
  local turns, queue = order_of(group, delivery)
  local id = string.sub(delivery, -36)
  if redis.call('HSETNX', turns, key, id) == 1 then return true end
  redis.call('RPUSH', queue .. key, id)
  redis.call('HINCRBY', counters, group .. ':behind', 1)
  return false
end

-- Hands the turn of a delivery that has ended to the next of its key; `key` is nil where its group keeps no order.
local function pass_on(stream, counters, group, delivery, key)
  if not key then return end
  local turns, queue = order_of(group, delivery)
  if redis.call('HGET', turns, key) ~= string.sub(delivery, -36) then return end
  local next = redis.call('LPOP', queue .. key)
  if not next then
    redis.call('HDEL', turns, key)
    return
  end
  redis.call('HSET', turns, key, next)
  redis.call('XADD', stream, '*', 'd', next)
  redis.call('HINCRBY', counters, group .. ':behind', -1)
  move(counters, group, 'retrying', 'pending', 1)
end

-- The key of a delivery. Those of groups that keep an order are all handed on as retries are: others need no look.
local function key_of(delivery, is_retry)
  return is_retry == '1' and redis.call('HGET', delivery, 'k') or nil
end

-- Removes a group with all that it owes. Its dead letters and its audit stay. `base` begins the names of the channel's keys.
local function remove_group(base, group)
  redis.pcall('XGROUP', 'DESTROY', base .. ':s', group)
  for _, key in ipairs(redis.call('HKEYS', base .. ':ol:' .. group)) do
    redis.call('DEL', base .. ':oq:' .. group .. ':' .. key)
  end
  for _, kind in ipairs({':rs:', ':rz:', ':live:', ':ol:'}) do redis.call('DEL', base .. kind .. group) end
  for _, kind in ipairs({':groups', ':apps', ':order', ':eph'}) do redis.call('HDEL', base .. kind, group) end
  for _, field in ipairs({'birth', 'counted', 'pending', 'retrying', 'done', 'dead', 'discarded', 'expired', 'behind'}) do
    redis.call('HDEL', base .. ':n', group .. ':' .. field)
  end
end
