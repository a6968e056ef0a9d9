-- Takes an answer back that does not fit: its step goes on waiting. Only the step's own attempt does so.
-- KEYS run, leases, waits   ARGV member, token, wait
-- Returns 1, or 0 when stale.
if not owns(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then return 0 end
local wait = read_wait(KEYS[3], ARGV[3])
wait.value, wait.by, wait.at, wait.id, wait.node = nil, nil, nil, nil, nil
write_wait(KEYS[3], ARGV[3], wait)
return 1
