"""Channels, consumer groups, durable retries, dead letters and their replay."""
