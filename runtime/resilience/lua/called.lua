-- Tells whether works that were deferred were told to ask again, or are known no more.
-- KEYS q   ARGV nodes
-- Returns 1 or 0 for each.
local now, answers = now_ms(), {}
for at, node in ipairs(ARGV) do
  local due = redis.call('ZSCORE', KEYS[1], node)
  answers[at] = (not due or tonumber(due) <= now) and 1 or 0
end
return answers
