-- Messages of others on channels that turn out to be ours.
UPDATE staged SET
    node_id = CASE WHEN node_kind = 'event' THEN message_event(true, channel, message_id) ELSE node_id END,
    event_id = CASE WHEN node_kind <> 'event' THEN message_event(true, channel, message_id) END
WHERE message_id IS NOT NULL AND channel IN (SELECT unnest($channels))
