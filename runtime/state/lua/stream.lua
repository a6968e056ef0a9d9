-- Adds chunks that an attempt streams to its run's stream. Nobody's result depends on them, so a server whose memory is full
-- may refuse: whoever streams keeps them for a while, and drops the oldest.
-- KEYS run, leases, att, chunks, channel that readers hear on
-- ARGV member, step, token, attempt, bytes to keep, run id, place of the first chunk among those of the attempt, chunk*
-- Returns 1, or 0 when stale. Asked again: chunks that are there already are not added twice.
if not owns(KEYS[1], KEYS[2], ARGV[1], ARGV[3]) then return 0 end
local step, attempt, first = ARGV[2], ARGV[4], tonumber(ARGV[7])
local now, last = now_ms(), first + #ARGV - 8
local before = note_attempt(KEYS[4], KEYS[3], step, tonumber(attempt), now)
if last <= before then return 1 end
local newest = newest_entry(KEYS[4])
if first > before + 1 then
  add_entry(KEYS[4], newest, 'l', step, attempt, now, string.format('%d', first - before - 1))
end
for place = math.max(first, before + 1), last do
  add_entry(KEYS[4], newest, 'c', step, attempt, now, ARGV[8 + place - first])
end
redis.call('HSET', KEYS[3], step .. ':streamed', attempt .. '|' .. string.format('%d', last))
trim_stream(KEYS[4], newest, tonumber(ARGV[5]))
redis.pcall('PUBLISH', KEYS[5], ARGV[6])
return 1
