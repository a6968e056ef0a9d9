-- Gives a consumer what its group has not read yet, without waiting: due retries, then events, then retries again where
-- there are too few events.
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
local share, room = tonumber(ARGV[3]), tonumber(ARGV[4])
local retries = read(KEYS[1], share)
room = room - retries - read(KEYS[2], room - retries)
if retries == share then read(KEYS[1], room) end
return found
