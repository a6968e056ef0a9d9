"""Dead letters: where they lie, what became of them, and how telemetry hears of it."""
