-- Lengthens the leases of attempts that still go on.
-- KEYS tasks, suspects, leases, run*   ARGV lease_ms, (member, token)*, one pair for each run
-- Returns the places of pairs, from 0, whose lease is lost.
allow_when_full(KEYS[1])
local until_ms = now_ms() + tonumber(ARGV[1])
local lost = {}
for at = 4, #KEYS do
  local member, token = ARGV[(at - 4) * 2 + 2], ARGV[(at - 4) * 2 + 3]
  if owns(KEYS[at], KEYS[3], member, token) then
    redis.call('ZADD', KEYS[1], 'XX', until_ms, member)
    redis.call('ZADD', KEYS[2], 'XX', until_ms, member)
  else
    if not goes_on(KEYS[at], member) then -- nobody needs to find it due
      redis.call('ZREM', KEYS[1], member)
      redis.call('ZREM', KEYS[2], member)
    end
    lost[#lost + 1] = at - 4
  end
end
return lost
