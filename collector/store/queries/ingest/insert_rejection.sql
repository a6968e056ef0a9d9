INSERT INTO rejections (at_ns, reason, spans) VALUES ($at_ns, $reason, $spans)
