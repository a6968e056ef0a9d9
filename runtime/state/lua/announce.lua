-- Notes that an app is there. A server whose memory is full must not keep out whoever would empty it.
-- KEYS apps   ARGV app
allow_when_full(KEYS[1])
return redis.call('SADD', KEYS[1], ARGV[1])
