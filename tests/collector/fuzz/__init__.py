"""Nonsense for the collector: what it must answer, and never fail at."""
