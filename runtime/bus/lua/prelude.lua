-- Put in front of every script of the bus. One channel's keys share a hash tag, so each script stays in one slot.
--
-- causeline:1:{<channel>.0}:s                 stream   what was published; field e = envelope, b = booked as owed
--                          :n                 hash     published, and <group>:<birth|pending|retrying|done|dead|discarded>
--                          :groups            hash     group -> JSON schema of its handler
--                          :out               stream   outbox: events that handlers published, on their way
--                          :pub:<event>       string   dedup mark of a publish
--                          :rs:<group>        stream   due retries and replays; field d = delivery id
--                          :rz:<group>        zset     delivery id -> due ms
--                          :d:<group>:<id>    hash     a delivery under way: n, e, round, h:<round>:<attempt>, ...
--                          :done:<group>:<id> string   dedup mark of an event that the group has done
--                          :dl:<group>:<id>   hash     a dead letter: a delivery's hash, and why it died
--                          :dz:<group>        zset     dead letter id -> died ms, those that wait for somebody
--                          :sz:<group>        zset     dead letter id -> died ms, those replayed or discarded
--                          :aud:<group>       stream   what operators did
--                          :untold            zset     <group>|<letter>|<died or settled> -> ms, what nobody has
--                                                      confirmed as told to telemetry
--                          :kv:<group>        hash     state that the group's handlers keep
--                          :live:<group>      zset     consumer -> last heartbeat ms
--                          :once:<call>       string   a call's answer, for a client that lost it
--                          :br                         reserved for breakers that pause a group
if redis.replicate_commands then redis.replicate_commands() end

local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- XACK has no owner check of its own: any client could settle the entry of another.
local function owns(stream, group, consumer, entry)
  local pending = redis.call('XPENDING', stream, group, entry, entry, 1)
  return #pending == 1 and pending[1][2] == consumer
end

local function settle(stream, group, entry, is_retry)
  redis.call('XACK', stream, group, entry)
  if is_retry == '1' then redis.call('XDEL', stream, entry) end
end

local function move(counters, group, from, to)
  redis.call('HINCRBY', counters, group .. ':' .. from, -1)
  redis.call('HINCRBY', counters, group .. ':' .. to, 1)
end

-- An entry that something else wrote was counted by nobody: it is booked as owed once, when it begins or is put off.
local function book(delivery, counters, group, entry, foreign)
  if foreign == '1' and redis.call('HSETNX', delivery, 'booked:' .. entry, '1') == 1 then
    redis.call('HINCRBY', counters, group .. ':pending', 1)
    redis.call('HINCRBY', counters, group .. ':birth', -1)
  end
end
