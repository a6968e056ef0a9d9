"""What is secret in telemetry: by the words of a key, and by how a value looks. Pure; imports nothing of ours."""
