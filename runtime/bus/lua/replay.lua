-- Owes a dead letter's event to its group once more, in a new round. A second call finds the letter settled. Where the group
-- keeps an order, it waits for its key's turn behind all that came meanwhile, and holds it as any other does.
-- KEYS dl, d, dz, sz, rs, n, aud, unconfirmed, groups
-- ARGV group, letter, delivery, replay, round, trace, operator
-- Returns the time in ms when done, 0 when the letter was settled before, -1 when there is none, -2 when its group was
-- retired: nobody would ever read it there.
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return -1 end
if state ~= 'dead' then return 0 end
if redis.call('HEXISTS', KEYS[9], ARGV[1]) == 0 then return -2 end
local now = now_ms()
local fields = redis.call('HGETALL', KEYS[1])
for at = 1, #fields, 2 do
  local name = fields[at]
  if name == 'e' or name == 'event' or name == 'k' or string.sub(name, 1, 2) == 'h:' then redis.call('HSET', KEYS[2], name, fields[at + 1]) end
end
redis.call('HSET', KEYS[2], 'round', ARGV[5], 'origin', ARGV[2], 'replay', ARGV[4], 'trace', ARGV[6], 'first_ms', now)
settle_letter({letter = KEYS[1], dead = KEYS[3], settled = KEYS[4], audit = KEYS[7], unconfirmed = KEYS[8]},
  ARGV[1], ARGV[2], 'replay', ARGV[7], '', now,
  {'state', 'replayed', 'replay_id', ARGV[4], 'settled_trace', ARGV[6], 'outcome', 'pending'})
local key = redis.call('HGET', KEYS[2], 'k')
if not key or take_turn(KEYS[6], ARGV[1], KEYS[2], key) then
  redis.call('XADD', KEYS[5], '*', 'd', ARGV[3])
  move(KEYS[6], ARGV[1], 'dead', 'pending', 1)
else
  move(KEYS[6], ARGV[1], 'dead', 'retrying', 1)
end
return now
