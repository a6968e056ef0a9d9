-- Tells whether work that was deferred was told to ask again, or is known no more.
-- KEYS q   ARGV node
-- Returns 1 or 0.
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
return (not due or tonumber(due) <= now_ms()) and 1 or 0
