-- Asks for the answer that a step waits for. Where there is none, the attempt is over: it leaves its lease and its place in
-- the queue, and the step is due again when the answer comes, or when nobody answers in time.
-- KEYS run, att, tasks, suspects, leases, waits   ARGV member, step, token, wait, timeout in ms or '', JSON schema
-- Returns {1, value, by, ms, node or ''} when it is answered, {2} when it waits now, {3, ms} when its time was up, {0} when stale, and
-- {-1, step} when another step waits under the same name. Asked again: the same.
if not owns(KEYS[1], KEYS[5], ARGV[1], ARGV[3]) then
  return was_settled(KEYS[2], ARGV[2], ARGV[3], 'waiting') and {2} or {0}
end
allow_when_full(KEYS[6])
local now = now_ms()
local wait = read_wait(KEYS[6], ARGV[4])
local function without_round(step) return (string.gsub(step, '#%d+', '')) end
if wait.step and wait.step ~= ARGV[2] and (wait.at or wait.over) and without_round(wait.step) == without_round(ARGV[2]) then
  wait = {former = wait.id} -- that of a round which is over; its answer may still be repeated
end
if wait.step and wait.step ~= ARGV[2] then return {-1, wait.step} end
if not wait.step then
  wait.step, wait.since, wait.schema = ARGV[2], string.format('%d', now), ARGV[6]
  if ARGV[5] ~= '' then wait.ends = string.format('%d', now + tonumber(ARGV[5])) end
end
if not wait.at and not wait.over and wait.ends and tonumber(wait.ends) <= now then wait.over = wait.ends end
write_wait(KEYS[6], ARGV[4], wait)
if wait.at then return {1, wait.value, wait.by, tonumber(wait.at), wait.node or ''} end
if wait.over then return {3, tonumber(wait.over)} end
settle(KEYS[2], KEYS[5], ARGV[1], ARGV[2], ARGV[3], 'waiting')
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
if wait.ends then redis.call('ZADD', KEYS[3], tonumber(wait.ends), ARGV[1]) end
return {2}
