"""From facts to OpenTelemetry spans. Elsewhere the SDK is no more than the type of a provider that a user brings."""
