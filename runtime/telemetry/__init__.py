"""From facts to OpenTelemetry spans. Nothing outside this package imports the OpenTelemetry SDK."""
