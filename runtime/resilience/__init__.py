"""Retry and circuit breaking."""
