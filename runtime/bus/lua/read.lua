-- Gives a consumer what its group has not read yet: due retries, then events, without waiting.
-- KEYS rs, s   ARGV group, consumer, most of the retries, most in all
-- Returns what XREADGROUP does, one stream after the other; {} when there is nothing.
local found = {}
local function read(stream, count)
  if count < 1 then return 0 end
  local answer = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', count, 'STREAMS', stream, '>')
  if not answer then return 0 end
  found[#found + 1] = answer[1]
  return #answer[1][2]
end
read(KEYS[2], tonumber(ARGV[4]) - read(KEYS[1], tonumber(ARGV[3])))
return found
