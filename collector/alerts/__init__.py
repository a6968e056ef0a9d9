"""Rules that look at the store and the live bus, what fires of them, and who is told."""
