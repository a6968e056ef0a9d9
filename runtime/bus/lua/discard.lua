-- Gives a dead letter up for good; it stays readable. A group that was retired owes it no more.
-- KEYS dl, dz, sz, n, aud, unconfirmed, groups   ARGV group, letter, discard, operator, reason, trace
-- Returns the time in ms when done, 0 when the letter was settled before, -1 when there is none.
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return -1 end
if state ~= 'dead' then return 0 end
local now = now_ms()
settle_letter({letter = KEYS[1], dead = KEYS[2], settled = KEYS[3], audit = KEYS[5], unconfirmed = KEYS[6]},
  ARGV[1], ARGV[2], 'discard', ARGV[4], ARGV[5], now,
  {'state', 'discarded', 'replay_id', ARGV[3], 'why', ARGV[5], 'settled_trace', ARGV[6]})
if redis.call('HEXISTS', KEYS[7], ARGV[1]) == 1 then move(KEYS[4], ARGV[1], 'dead', 'discarded', 1) end
return now
