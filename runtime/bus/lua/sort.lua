-- Gives what a group that keeps an order has read its turn: it is due, or it waits behind those of its key. All of it goes
-- on as retries do, so that a key that waits holds up neither the others nor trimming.
-- KEYS s, n, rs   ARGV group, most that wait behind others, (entry, event, delivery, key, envelope, foreign)*
-- Returns {sorted, 0}, or {sorted, 1} where others come before what is left, {sorted, 2} where too many wait.
local stream, counters, group, most = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])
local count = (#ARGV - 2) / 6
local base = string.sub(stream, 1, -3)
local turns, queue = base .. ':ol:' .. group, base .. ':oq:' .. group .. ':'
-- Only from the first that nobody has sorted on: whoever reads later may come here sooner.
local first = redis.call('XPENDING', stream, group, '-', '+', count, SORTER)
local behind = tonumber(redis.call('HGET', counters, group .. ':behind') or '0')
allow_when_full(stream)
for place = 1, count do
  local at = 6 * place - 3
  local entry, event, id, key = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if not first[place] or first[place][1] ~= entry then return {place - 1, 1} end
  local delivery = base .. ':d:' .. group .. ':' .. id
  local is_copy = redis.call('EXISTS', delivery) == 1
  local holder = redis.call('HGET', turns, key)
  if holder and not is_copy and behind >= most then return {place - 1, 2} end
  book(counters, group, entry, ARGV[at + 5])
  redis.call('XACK', stream, group, entry)
  redis.call('HDEL', counters, group .. ':booked:' .. entry)
  if is_copy then -- it waits already, or is under way: never two of a key at once
    move(counters, group, 'pending', 'done', 1)
  else
    redis.call('HSET', delivery, 'e', ARGV[at + 4], 'event', event, 'round', '0', 'k', key,
      'first_ms', string.match(entry, '%d+'))
    if take_turn(counters, group, delivery, key) then
      redis.call('XADD', KEYS[3], '*', 'd', id)
    else
      move(counters, group, 'pending', 'retrying', 1)
      behind = behind + 1
    end
  end
end
return {count, 0}
