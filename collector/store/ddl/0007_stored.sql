-- When a span was stored, in microseconds: the time of its transaction, which is the same for all that came with it. Pages
-- of a list keep to what was stored when its first one was asked for.
ALTER TABLE spans ADD COLUMN stored_us BIGINT DEFAULT epoch_us(now());
