-- The channels of ours that a batch is the first to tell of.
SELECT DISTINCT channel FROM staged
WHERE node_kind <> 'span' AND message_id IS NULL AND channel IS NOT NULL AND channel NOT IN (FROM own_channels)
