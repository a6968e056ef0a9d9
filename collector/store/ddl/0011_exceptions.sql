-- Whether a record tells of an exception: its span is read anew then.
ALTER TABLE logs ADD COLUMN is_exception BOOLEAN;
UPDATE logs SET is_exception = list_contains(list_transform(attributes, lambda a: a."key"), 'exception.type');

-- A record is known by what was sent alone. What is read from it changes with the rules, and with what comes beside it.
UPDATE superseded SET record_hash = hash(
    trace_id, span_id, parent_span_id, trace_state, flags, name, kind, start_ns, end_ns, status_code, status_message,
    attributes, dropped_attributes_count, dropped_events_count, dropped_links_count, payload, input, result, events,
    links, resource_id, scope_id
);
