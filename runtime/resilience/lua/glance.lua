-- How much a breaker would let begin now.
-- KEYS h   Returns {ms until it may be more, how many; -1 for any number}.
local s, now = read(KEYS[1]), now_ms()
if s.held then return {HELD_MS, 0} end
if s.open_until then
  if now < s.open_until then return {s.open_until - now, 0} end
  if s.permit ~= '' and now < s.permit_until then return {s.permit_until - now, 0} end
  return {0, 1}
end
local wave = wave_of(s, now)
if not wave then return {0, -1} end
return {s.closed + (wave + 1) * WAVE_MS - now, room_in(s, wave)}
