"""The OpenTelemetry Protocol: receive, decode, refuse."""
