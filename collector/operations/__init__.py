"""What the collector asks of the live bus, and what operators do there through it."""
