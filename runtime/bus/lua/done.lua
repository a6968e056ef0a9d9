-- Commits successes that published and wrote nothing: those of a consumer that are ready in one turn, of one stream. The
-- dedup marks and the ledger move together, as in ack.lua.
-- KEYS stream, n, (d, done)*   ARGV group, consumer, is_retry, mark_ms, entry*
-- Returns for each: 1, or 0 when stale. Asked again: 1.
local stream, counters, group, consumer, is_retry = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3]
local answers, is_mine = {}, holding(stream, group, consumer, 5, 1)
local entries, deliveries, booked = {}, {}, {}
allow_when_full(stream)
for place = 1, #ARGV - 4 do
  local key, entry = 2 * place + 1, ARGV[place + 4]
  local mine, mark = hand(consumer, entry, is_retry), KEYS[key + 1]
  if is_mine[entry] then
    is_mine[entry] = false
    entries[#entries + 1], deliveries[#deliveries + 1] = entry, KEYS[key]
    booked[#booked + 1] = group .. ':booked:' .. entry
    redis.call('SET', mark, mine, 'PX', ARGV[4])
    answers[place] = 1
  else
    answers[place] = redis.call('GET', mark) == mine and 1 or 0
  end
end
if #entries > 0 then
  redis.call('XACK', stream, group, unpack(entries))
  if is_retry == '1' then redis.call('XDEL', stream, unpack(entries)) else redis.call('HDEL', counters, unpack(booked)) end
  move(counters, group, 'pending', 'done', #entries)
  if is_retry == '1' then
    for _, delivery in ipairs(deliveries) do pass_on(stream, counters, group, delivery, key_of(delivery, is_retry)) end
  end
  redis.call('DEL', unpack(deliveries))
end
return answers
