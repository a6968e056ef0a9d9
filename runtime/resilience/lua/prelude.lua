-- Put in front of every script of the breaker. One breaker's keys share a hash tag:
-- causeline:1:{breaker.<name>}:h  hash  failures, open_until
--                             :p        reserved for the permits of probes
--                             :w        reserved for the window of failures
--                             :once:<call> string a call's answer, for a client that lost it
if redis.replicate_commands then redis.replicate_commands() end

local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
