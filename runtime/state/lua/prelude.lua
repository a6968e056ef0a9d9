-- Put in front of every script of the state store. One app's runs share a hash tag, so each script stays in one slot.
--
-- causeline:1:{runs:<app>.0}:tasks       zset     <run>|<workflow>|<step> -> due ms, or the end of its lease
--                           :wake        list     a token for each task that is due at once; only a wake-up
--                           :runs        zset     run -> accepted ms
--                           :ended       zset     run -> ended ms, whose end nobody has confirmed as told
--                           :out         stream   outbox: events that steps published, on their way
--                           :live        zset     worker -> last heartbeat ms
--                           :shared      hash     small state of the whole app
--                           :run:<run>   hash     the run's record
--                           :st:<run>    hash     step -> result, written once
--                           :need:<run>  hash     step -> upstream steps that are still open
--                           :att:<run>   hash     <step>:<n|token|fails|solo|deaths|first|error>
--                           :kv:<run>    hash     state that the run's steps keep
--                           :once:<call> string   a call's answer, for a client that lost it
-- causeline:1:{breaker.<name>}:h         hash     failures, open_until; :p and :w are reserved for probes and window
if redis.replicate_commands then redis.replicate_commands() end

local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- An attempt's own lease: whoever lost it, or whose run has ended, changes nothing.
local function owns(run, attempts, step, token)
  return redis.call('HGET', attempts, step .. ':token') == token and redis.call('HGET', run, 'status') == 'running'
end

local function wake(list)
  redis.call('LPUSH', list, '1')
  redis.call('LTRIM', list, 0, 255)
end
