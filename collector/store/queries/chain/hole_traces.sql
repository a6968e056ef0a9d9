-- Where a node is the parent of a span, or what a span links to, and never arrived itself.
SELECT s.trace_id
FROM spans AS s
ANTI JOIN spans AS parent ON parent.trace_id = s.trace_id AND parent.span_id = s.parent_span_id
WHERE s.parent_span_id IS NOT NULL AND foreign_node(span_identity(s.trace_id, s.parent_span_id)) = $id
UNION
SELECT l.trace_id
FROM span_links AS l
ANTI JOIN spans AS linked ON linked.trace_id = l.linked_trace_id AND linked.span_id = l.linked_span_id
WHERE l.linked_span_id IS NOT NULL AND foreign_node(span_identity(l.linked_trace_id, l.linked_span_id)) = $id
