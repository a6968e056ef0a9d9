INSERT INTO rejections (at_ns, reason, spans, kept) VALUES ($at_ns, $reason, $records, $kept)
