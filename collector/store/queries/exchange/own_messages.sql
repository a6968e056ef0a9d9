-- Messages of others on channels of ours, whose ids were given to them where the channel was not known as such.
UPDATE spans SET
    node_id = CASE WHEN node_kind = 'event' THEN message_event(true, channel, message_id) ELSE node_id END,
    event_id = CASE WHEN node_kind <> 'event' THEN message_event(true, channel, message_id) END
WHERE message_id IS NOT NULL
    AND channel IN (FROM own_channels)
    AND CASE WHEN node_kind = 'event' THEN node_id ELSE event_id END
        IS DISTINCT FROM message_event(true, channel, message_id)
