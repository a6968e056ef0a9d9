-- Gives a delivery that waits for a cell to one.
-- KEYS stream   ARGV group, consumer, entry
-- Returns 1, or 0 when somebody else has it, or nobody can.
local held_by = owner(KEYS[1], ARGV[1], ARGV[3])
if held_by == ARGV[2] then return 1 end
if held_by ~= SUSPECTS or not is_there(KEYS[1], ARGV[3]) then return 0 end
redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[3], 'JUSTID')
return 1
