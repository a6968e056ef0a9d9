-- Reads a run's stream behind an offset, together with how the run stands: whoever finds it ended, and nothing more, has
-- read all of it.
-- KEYS run, chunks   ARGV offset, entries at most
-- Returns {} when there is no such run, else {status, error type, error, first offset, last offset, entries}
local run = redis.call('HMGET', KEYS[1], 'status', 'error_type', 'error')
if not run[1] then return {} end
local first, last = entry_at(KEYS[2], 'XRANGE', '-', '+').offset, newest_entry(KEYS[2]).offset
local entries = {}
if last > tonumber(ARGV[1]) then
  entries = redis.call('XRANGE', KEYS[2], string.format('%d', tonumber(ARGV[1]) + 1), '+', 'COUNT', ARGV[2])
end
return {run[1], run[2] or '', run[3] or '', first, last, entries}
