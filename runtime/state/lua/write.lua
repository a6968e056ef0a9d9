-- Writes a key of the app's state. Handlers write some before they acknowledge, so it must not wait for room.
-- KEYS shared   ARGV key, value
allow_when_full(KEYS[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
