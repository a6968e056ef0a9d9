"""Who is who and what caused what: ids, trace contexts, sampling. Nothing here knows OpenTelemetry."""
