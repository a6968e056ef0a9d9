-- Charges what a call has cost in place of what was reserved for it; without a reservation (call ''), as it is.
-- KEYS account   ARGV account, call or '', micros, tokens
-- Returns 1. Asked again for a call: it was settled, nothing is charged.
allow_when_full(KEYS[1])
local over = chain(ARGV[1])
touch(over, now_ms())
for _, id in ipairs(over) do
  local micros, tokens = tonumber(ARGV[3]), tonumber(ARGV[4])
  local reserved = ARGV[2] ~= '' and redis.call('HGET', base .. 'r:' .. id, ARGV[2])
  if reserved then
    local held_micros, held_tokens = string.match(reserved, '(%d+)|(%d+)')
    micros, tokens = micros - tonumber(held_micros), tokens - tonumber(held_tokens)
    redis.call('HDEL', base .. 'r:' .. id, ARGV[2])
  end
  if reserved or ARGV[2] == '' then
    redis.call('HINCRBY', base .. 'a:' .. id, 'micros', micros)
    redis.call('HINCRBY', base .. 'a:' .. id, 'tokens', tokens)
  end
end
return 1
